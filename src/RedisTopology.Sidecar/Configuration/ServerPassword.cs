namespace RedisTopology.Sidecar.Configuration;

/// <summary>
/// What the servers are told of <see cref="SidecarOptions.PasswordFile"/>. The file changes on its own time, a mounted secret within a minute or two, and the servers on theirs, one after
/// the other: meanwhile new connections give the password that was taken before as well. Any thread may ask.
/// </summary>
public sealed class ServerPassword
{
    // A server that is told a password it does not know notes it in its ACL log: no longer than any of them may still want it.
    private static readonly TimeSpan s_grace = TimeSpan.FromMinutes(10);
    private readonly Lock _gate = new();
    private string? _taken, _former;
    private long _formerUntil;

    /// <summary>The passwords to give, in this order: one is enough when a server takes it.</summary>
    /// <param name="file">The file; null when there is none.</param>
    /// <param name="trouble">Why it can not be read; null when it can.</param>
    /// <returns>None, or one to three.</returns>
    public string[] Read(string? file, out string? trouble)
    {
        trouble = null;
        if (file is null)
            return [];
        string? told = null;
        try
        {
            told = File.ReadAllText(file).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            trouble = e.Message;
        }

        lock (_gate)
        {
            var former = Environment.TickCount64 < _formerUntil ? _former : null;
            return [.. new[] { told, _taken, former }.OfType<string>().Distinct()];
        }
    }

    /// <summary>A server has taken it, and none that it was given before it.</summary>
    /// <param name="password">The password.</param>
    public void Taken(string password)
    {
        lock (_gate)
        {
            if (password == _taken)
                return;
            (_former, _taken, _formerUntil) = (_taken, password, Environment.TickCount64 + (long)s_grace.TotalMilliseconds);
        }
    }
}
