using System.Security.Cryptography;
using k8s.Models;
using RedisTopology.Operator.Passwords;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Manifests;

/// <summary>
/// The two Secrets of a cluster. Clients mount the one with the password they are to use: generated, or a person's own. Pods mount the other, which is the operator's alone: so the servers never
/// find a password that they were not told to accept first, nor one that cannot be used.
/// </summary>
internal static class AuthSecret
{
    /// <summary>The key of the password, in both.</summary>
    public const string PasswordKey = PasswordSet.CurrentKey;

    /// <summary>32 letters and digits: 190 bits.</summary>
    public static string NewPassword() =>
        RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 32);

    /// <summary>The Secret that clients mount, where the spec names none.</summary>
    /// <param name="definition">The cluster.</param>
    /// <param name="password">The password.</param>
    public static V1Secret Generated(ClusterDefinition definition, string password) =>
        Build(definition, new ResourceNames(definition.Name).AuthSecret, new Dictionary<string, byte[]> { [PasswordKey] = System.Text.Encoding.UTF8.GetBytes(password) });

    /// <summary>The Secret that the pods mount.</summary>
    /// <param name="definition">The cluster.</param>
    /// <param name="passwords">What servers are to accept.</param>
    /// <param name="resourceVersion">The version this replaces; null for the first. Of two operators that think they lead, the second is told that what it read has changed.</param>
    public static V1Secret OfPods(ClusterDefinition definition, PasswordSet passwords, string? resourceVersion)
    {
        var secret = Build(definition, new ResourceNames(definition.Name).PasswordsSecret, passwords.ToData());
        secret.Metadata.ResourceVersion = resourceVersion;
        if (passwords.RotatedFor.Length > 0)
            secret.Metadata.Annotations = new Dictionary<string, string> { [Labels.RotatePassword] = passwords.RotatedFor };
        return secret;
    }

    private static V1Secret Build(ClusterDefinition definition, string name, Dictionary<string, byte[]> data) =>
        new() { Metadata = ClusterManifests.Meta(definition, name), Type = "Opaque", Data = data };
}
