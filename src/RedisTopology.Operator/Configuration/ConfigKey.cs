using RedisTopology.Operator.Entities;

namespace RedisTopology.Operator.Configuration;

/// <summary>A setting of redis.conf.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Class">What becomes of it.</param>
/// <param name="Redis">The first version of Redis that has it, 7.0 for all that are older; null when Redis has it not.</param>
/// <param name="Valkey">The first version of Valkey that has it, 7.2 for all that are older; null when Valkey has it not.</param>
/// <param name="Default">The engine's own value, to which a setting returns that is taken out of a spec; null when it depends on the engine or is of no interest.</param>
/// <param name="Note">Of an <see cref="ConfigClass.Owned"/> one the field to use instead, or the reason; of an <see cref="ConfigClass.Alias"/> the name to use.</param>
internal sealed record ConfigKey(string Name, ConfigClass Class, Version? Redis, Version? Valkey, string? Default, string Note)
{
    /// <summary>The first version of an engine that has it; null when none has.</summary>
    /// <param name="engine">The engine.</param>
    /// <returns>The version.</returns>
    public Version? Since(EngineType engine) => engine == EngineType.Valkey ? Valkey : Redis;
}
