namespace RedisTopology.Operator.Passwords;

/// <summary>What a password beside the one in use is.</summary>
internal enum PasswordKind
{
    /// <summary>Clients may have it still.</summary>
    Former,

    /// <summary>It is in the Secret that clients mount, and becomes the one in use once every server accepts it.</summary>
    Next,

    /// <summary>The operator made it, and puts it into the Secret that clients mount once every server accepts it.</summary>
    Made,
}
