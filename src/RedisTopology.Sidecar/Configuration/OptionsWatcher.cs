using Microsoft.Extensions.Logging;
using RedisTopology.Sidecar.Tls;

namespace RedisTopology.Sidecar.Configuration;

/// <summary>
/// Takes up changes of the configuration file while the sidecar runs. The file's content is looked at, not its events: a mounted ConfigMap changes by
/// swapping a symbolic link two levels up, which no watch on the file sees.
/// </summary>
/// <param name="reader">Reads the file.</param>
/// <param name="source">Where valid options go.</param>
/// <param name="metrics">Where it is told how that went.</param>
/// <param name="time">The clock.</param>
/// <param name="log">What changed, and what is wrong.</param>
internal sealed partial class OptionsWatcher(OptionsReader reader, OptionsSource source, ReloadMetrics metrics, TimeProvider time, ILogger<OptionsWatcher> log)
{
    /// <summary>How often the file is looked at: it is a few hundred bytes, and the kubelet takes up to a minute to swap it.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly SidecarOptions _started = source.Current;
    private string? _text;
    private string _told = "";

    /// <summary>Looks at the file, and at those of TLS, until cancelled; returns at once when there is none.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>A task that ends without an exception.</returns>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        metrics.LastSuccess = time.GetUtcNow().ToUnixTimeSeconds();
        if (reader.File is null && !_started.UsesTls)
            return;
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                Look();
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    /// <summary>Looks once.</summary>
    internal void Look()
    {
        // While it is invalid it is read again each time: what was wrong because a secret was not mounted yet is right once it is.
        string? error = null;
        var text = reader.File is null ? null : reader.Text(out error);
        if (error is null && text == _text && !metrics.IsFailed && TlsFiles.Fingerprint(source.Current) == source.Current.TlsFingerprint)
            return;
        var (options, errors) = error is null ? reader.Read(text) : new OptionsResult(null, [error]);
        _text = text;
        if (options is null)
        {
            Refuse(errors);
            return;
        }

        if (metrics.IsFailed)
            LogMended();
        (metrics.IsFailed, metrics.LastSuccess) = (false, time.GetUtcNow().ToUnixTimeSeconds());
        var pending = Changes(_started, options, f => f.NeedsRestart);
        if (pending.Length > 0 && pending != _told)
            LogNeedsRestart(pending);
        (_told, metrics.NeedsRestart) = (pending, pending.Length > 0);
        options = OptionFields.All.Where(f => f.NeedsRestart).Aggregate(options, (kept, field) => field.Copy(_started, kept));

        var current = source.Current;
        var changes = Changes(current, options, _ => true);
        if (options.TlsFingerprint != current.TlsFingerprint && changes.Length == 0)
            changes = "the files of TLS have another content";
        if (changes.Length == 0)
            return;
        source.Replace(options);
        metrics.Succeeded++;
        LogChanged(changes);
    }

    private static string Changes(SidecarOptions from, SidecarOptions to, Func<OptionField, bool> which) =>
        string.Join("; ", OptionFields.All.Where(f => which(f) && f.Show(from) != f.Show(to)).Select(f => $"{f.Key} {f.Show(from)} -> {f.Show(to)}"));

    private void Refuse(IReadOnlyList<string> errors)
    {
        var told = string.Join("; ", errors);
        if (metrics.IsFailed && told == _told)
            return;
        (metrics.IsFailed, _told) = (true, told);
        metrics.Failed++;
        LogRefused(told);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The configuration changed: {Changes}")]
    private partial void LogChanged(string changes);

    [LoggerMessage(Level = LogLevel.Information, Message = "The configuration is valid again")]
    private partial void LogMended();

    [LoggerMessage(Level = LogLevel.Warning, Message = "The configuration changed where a restart is needed; the former values stay in force until then: {Changes}")]
    private partial void LogNeedsRestart(string changes);

    [LoggerMessage(Level = LogLevel.Error, Message = "The configuration is invalid, and the former one stays in force: {Errors}")]
    private partial void LogRefused(string errors);
}
