using System.Security.Cryptography;
using k8s.Models;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Manifests;

/// <summary>The generated Secret of a cluster. It is created once and never changed: a second password would lock the pods out of their own cluster.</summary>
internal static class AuthSecret
{
    public const string PasswordKey = "password";

    /// <summary>32 letters and digits: 190 bits.</summary>
    public static string NewPassword() =>
        RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 32);

    public static V1Secret Build(ClusterDefinition definition, string password) => new()
    {
        Metadata = ClusterManifests.Meta(definition, new ResourceNames(definition.Name).AuthSecret),
        Type = "Opaque",
        Data = new Dictionary<string, byte[]> { [PasswordKey] = System.Text.Encoding.UTF8.GetBytes(password) },
    };
}
