using System.CommandLine;
using System.Globalization;
using RedisTopology.Cli.Hosting;
using Spectre.Console;

namespace RedisTopology.Cli.Push;

/// <summary><c>push FILE</c>: brings entries into the cache before anybody asks for them.</summary>
internal sealed class PushCommand
{
    private readonly CliContext _context;

    private readonly Argument<string> _source = new("FILE") { Description = """Lines of {"key": ..., "value": ... | "valueBase64": ..., "ttl": "10m" | seconds}; - for standard input.""" };
    private readonly Option<Uri?> _address = new("--url") { Description = "Address of a sidecar's admin server. Default http://127.0.0.1:8379.", CustomParser = r => Parse(r) };
    private readonly Option<string?> _pod = new("--pod") { Description = "Pod with a sidecar: it is reached through the API server (pods/portforward)." };
    private readonly Option<int> _adminPort = new("--admin-port") { Description = "Port of the sidecar's admin server in that pod.", DefaultValueFactory = _ => 8379 };
    private readonly Option<FileInfo?> _tokenFile = new("--token-file") { Description = "File with the token, where the sidecar asks for one (pushTokenFile)." };
    private readonly Option<long> _cursor = new("--cursor") { Description = "How many entries an earlier push had dealt with: they are left out.", DefaultValueFactory = _ => 0 };
    private readonly Option<int> _wait = new("--wait") { Description = "For how many seconds a sidecar that does not answer is asked again.", DefaultValueFactory = _ => 60 };

    /// <summary>What is handed on to the sidecar, which checks it.</summary>
    private readonly Option<string?>[] _parameters =
    [
        new("--mode") { Description = "add: never overwrite (default); set: overwrite." },
        new("--ttl") { Description = "How long entries without a time of their own are kept. Default 10m." },
        new("--jitter") { Description = "By how many percent times vary, 1 to 50. Default 10." },
        new("--rate") { Description = "Entries per second and shard, at most. Default 50000." },
        new("--window") { Description = "Entries under way at once, at most. Default 128." },
    ];

    private PushCommand(CliContext context) => _context = context;

    public static Command Create(CliContext context) => new PushCommand(context).Build();

    private Command Build()
    {
        var command = new Command("push", "Bring entries into the cache before anybody asks for them, through a sidecar. After a break it goes on where it was.") { _source, _address, _pod, _adminPort, _tokenFile, _cursor, _wait };
        foreach (var parameter in _parameters)
            command.Options.Add(parameter);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_address) is { Implicit: false } && result.GetResult(_pod) is { Implicit: false })
                result.AddError("Say either --url or --pod.");
            if (result.GetValue(_cursor) < 0)
                result.AddError("--cursor counts entries: it is not below 0.");
        });
        command.SetGuardedAction(_context, async (parsed, cancel) =>
        {
            using var lines = Open(parsed.GetValue(_source)!);
            using var session = parsed.GetValue(_pod) is null ? null : KubeSession.Open(parsed);
            using var http = Http(session, parsed);
            return await RunAsync(parsed, lines, http, cancel);
        });
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, TextReader lines, HttpClient http, CancellationToken cancel)
    {
        var (report, began) = (new PushReport(), _context.Time.GetTimestamp());
        var entries = new EntryReader(lines);
        var cursor = parsed.GetValue(_cursor);
        if ((report.Cursor = await entries.SkipAsync(cursor, cancel)) < cursor)
            throw new CliException(ExitCodes.Usage, $"{Name(parsed)} has {Human.Number(report.Cursor)} entries: there is no entry {Human.Number(cursor)} to go on after.");
        var client = new PushClient(http, parsed.GetValue(_address) ?? new Uri("http://127.0.0.1:8379"), Query(parsed), await TokenAsync(parsed, cancel), TimeSpan.FromSeconds(parsed.GetValue(_wait)), _context.Time);
        try
        {
            await ShowAsync(parsed, lines, report, told => client.PushAsync(entries, report, told, cancel));
        }
        finally
        {
            report.Seconds = Math.Round(_context.Time.GetElapsedTime(began).TotalSeconds, 3);
            Write(parsed, report);
        }

        return report.Failed > 0 ? ExitCodes.Problem : ExitCodes.Done;
    }

    /// <summary>Runs a push with a bar where a person looks on.</summary>
    private async Task ShowAsync(ParseResult parsed, TextReader lines, PushReport report, Func<Action<string?>, Task> push)
    {
        if (!_context.IsInteractive || parsed.GetValue(GlobalOptions.Output) == OutputFormat.Json)
        {
            await push(why => Complain(why));
            return;
        }

        await _context.Console.Progress().Columns(new SpinnerColumn(), new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }).StartAsync(async progress =>
        {
            var file = (lines as StreamReader)?.BaseStream;
            var bar = progress.AddTask(Name(parsed), maxValue: file?.Length ?? 1);
            bar.IsIndeterminate = file is null;
            await push(why =>
            {
                bar.Value = file?.Position ?? 0;
                bar.Description = Markup.Escape(why is null ? Counts(report) : $"{Counts(report)}; no answer: {why}");
            });
            bar.Value = bar.MaxValue;
        });
    }

    private void Complain(string? why)
    {
        if (why is not null)
            _context.Error.WriteLine($"note: the sidecar does not answer, and is asked again: {why}");
    }

    private void Write(ParseResult parsed, PushReport report)
    {
        if (parsed.GetValue(GlobalOptions.Output) == OutputFormat.Json)
        {
            _context.WriteJson(report);
            return;
        }

        _context.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Counts(report)} in {report.Seconds:0.0} s"));
        foreach (var failure in report.Failures)
            _context.Console.MarkupLineInterpolated($"[red]{Name(parsed)}:{failure.Line}:[/] {failure.Reason}{(failure.Count > 1 ? $" (and {Human.Number(failure.Count - 1)} more)" : "")}");
        if (!report.Done)
            _context.Console.MarkupLineInterpolated($"[yellow]Not all of it.[/] To go on: the same command with --cursor {report.Cursor.ToString(CultureInfo.InvariantCulture)}");
    }

    private static string Counts(PushReport report) =>
        $"{Human.Number(report.Stored)} stored, {Human.Number(report.Skipped)} skipped, {Human.Number(report.Failed)} failed";

    private string Name(ParseResult parsed) => parsed.GetValue(_source) is { } file and not "-" ? file : "standard input";

    private TextReader Open(string file)
    {
        if (file == "-")
            return _context.Input;
        try
        {
            return new StreamReader(file, new FileStreamOptions { Options = FileOptions.SequentialScan | FileOptions.Asynchronous, BufferSize = 1 << 16 });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.NotFound, e.Message);
        }
    }

    private HttpClient Http(KubeSession? session, ParseResult parsed)
    {
        // A batch ends by itself; an endless wait for one that does not is a break.
        var timeout = TimeSpan.FromMinutes(5);
        if (session is null)
            return new HttpClient { Timeout = timeout };
        var handler = new SocketsHttpHandler { ConnectCallback = async (_, cancel) => await PodTunnel.OpenAsync(session, parsed.GetValue(_pod)!, parsed.GetValue(_adminPort), cancel) };
        return new HttpClient(handler) { Timeout = timeout };
    }

    private string Query(ParseResult parsed) =>
        string.Concat(_parameters.Where(p => parsed.GetValue(p) is not null).Select(p => $"{p.Name[2..]}={Uri.EscapeDataString(parsed.GetValue(p)!)}&"));

    private async Task<string?> TokenAsync(ParseResult parsed, CancellationToken cancel)
    {
        if (parsed.GetValue(_tokenFile) is not { } file)
            return null;
        try
        {
            return (await File.ReadAllTextAsync(file.FullName, cancel)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.NotFound, e.Message);
        }
    }

    private static Uri? Parse(System.CommandLine.Parsing.ArgumentResult result)
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            return url;
        result.AddError($"\"{text}\" is no address such as http://127.0.0.1:8379.");
        return null;
    }
}
