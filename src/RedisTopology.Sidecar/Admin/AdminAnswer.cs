namespace RedisTopology.Sidecar.Admin;

/// <summary>An answer of the admin server.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Type">The content type.</param>
/// <param name="Body">The body.</param>
internal sealed record AdminAnswer(int Status, string Type, string Body)
{
    /// <summary>Plain text.</summary>
    public const string PlainText = "text/plain; charset=utf-8";

    /// <summary>JSON.</summary>
    public const string Json = "application/json; charset=utf-8";

    /// <summary>The text format of Prometheus.</summary>
    public const string Prometheus = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>An answer in plain text.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="text">The text, without the last line break.</param>
    /// <returns>The answer.</returns>
    public static AdminAnswer Text(int status, string text) => new(status, PlainText, text + "\n");
}
