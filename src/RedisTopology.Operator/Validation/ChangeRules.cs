using System.Collections.Immutable;
using RedisTopology.Operator.Entities;

namespace RedisTopology.Operator.Validation;

/// <summary>What may not change once a cluster exists. The rules are those of the CRD, for API servers without CEL.</summary>
internal static class ChangeRules
{
    public static void Check(CacheClusterSpec accepted, CacheClusterSpec spec, ImmutableArray<string>.Builder errors)
    {
        if (accepted.Engine.Type != spec.Engine.Type)
            errors.Add(Rules.EngineTypeImmutable);
        if (accepted.Auth.ExistingSecret != spec.Auth.ExistingSecret)
            errors.Add(Rules.AuthImmutable);
        if (accepted.Tls.Enabled != spec.Tls.Enabled)
            errors.Add(Rules.TlsImmutable);
        if (accepted.Sharding.Mode != spec.Sharding.Mode)
            errors.Add(Rules.ModeImmutable);
        else if (!Same(accepted.Sharding.KeyRange, spec.Sharding.KeyRange))
            errors.Add(Rules.KeyRangeImmutable);
        var (before, now) = (accepted.Persistence, spec.Persistence);
        if ((before.Mode == PersistenceMode.None) != (now.Mode == PersistenceMode.None))
            errors.Add(Rules.PersistenceImmutable);
        if (before.Storage.StorageClassName != now.Storage.StorageClassName)
            errors.Add(Rules.StorageClassImmutable);
        if (now.Mode != PersistenceMode.None && SpecValidator.TryValue(before.Storage.Size!, out var former) && SpecValidator.TryValue(now.Storage.Size!, out var size) && size < former)
            errors.Add(Rules.StorageShrinks);
    }

    private static bool Same(KeyRangeSpec? before, KeyRangeSpec? now) => before is null || now is null
        ? before is null == now is null
        : before.First == now.First && before.Granularity == now.Granularity && before.Patterns.SequenceEqual(now.Patterns);
}
