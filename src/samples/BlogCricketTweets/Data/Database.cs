using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace BlogCricketTweets.Data;

/// <summary>
/// The origin: a database with as many connections as a pool would have. SQLite in a file unless <c>ConnectionStrings:Database</c> names a PostgreSQL (<c>Host=...</c>). The sample's
/// database is on this machine; <c>Origin:DelayMilliseconds</c> (25) stands for the network and the work of one that is not.
/// </summary>
internal sealed class Database : IDisposable
{
    public const int Followers = 5000;
    public const string Celebrity = "@ada";

    private readonly DbDataSource _source;
    private readonly SemaphoreSlim _connections;
    private readonly TimeSpan _delay;
    private readonly TimeProvider _time;

    public Database(IConfiguration configuration, TimeProvider time)
    {
        var text = configuration.GetConnectionString("Database") ?? $"Data Source={Path.Combine(Path.GetTempPath(), $"blog-cricket-tweets-{Environment.ProcessId}.db")}";
        Kind = text.Contains("Host=", StringComparison.OrdinalIgnoreCase) ? "PostgreSQL" : "SQLite";
        _source = Kind == "PostgreSQL" ? NpgsqlDataSource.Create(text) : SqliteFactory.Instance.CreateDataSource(text);
        _connections = new(configuration.GetValue("Origin:Connections", 20));
        _delay = TimeSpan.FromMilliseconds(configuration.GetValue("Origin:DelayMilliseconds", 25));
        _time = time;
    }

    public string Kind { get; }

    public async Task CreateAsync()
    {
        await RunAsync("""
            CREATE TABLE IF NOT EXISTS blogs (id integer PRIMARY KEY, title text NOT NULL, body text NOT NULL);
            CREATE TABLE IF NOT EXISTS scores (id integer PRIMARY KEY, teams text NOT NULL, runs integer NOT NULL, wickets integer NOT NULL, balls integer NOT NULL);
            CREATE TABLE IF NOT EXISTS written (idempotency_key text PRIMARY KEY);
            CREATE TABLE IF NOT EXISTS tweets (id integer PRIMARY KEY, author text NOT NULL, body text NOT NULL);
            CREATE TABLE IF NOT EXISTS follows (follower integer PRIMARY KEY, author text NOT NULL);
            INSERT INTO scores VALUES (1, 'Ireland v Kenya', 0, 0, 0) ON CONFLICT (id) DO NOTHING;
            INSERT INTO tweets VALUES (0, '@ada', 'Hello, world') ON CONFLICT (id) DO NOTHING;
            """).ConfigureAwait(false);
        await RunAsync(string.Join('\n', Enumerable.Range(1, 20).Select(i => $"INSERT INTO blogs VALUES ({i}, 'Post {i}', 'What was on our minds on day {i}.') ON CONFLICT (id) DO NOTHING;"))).ConfigureAwait(false);
        await RunAsync($"INSERT INTO follows VALUES {string.Join(',', Enumerable.Range(1, Followers).Select(i => $"({i}, '{Celebrity}')"))} ON CONFLICT (follower) DO NOTHING").ConfigureAwait(false);
    }

    public Task<Blog?> FindBlogAsync(int id, CancellationToken ct) =>
        OneAsync("SELECT id, title, body FROM blogs WHERE id = @a", r => new Blog(r.GetInt32(0), r.GetString(1), r.GetString(2)), ct, id);

    public Task EditBlogAsync(int id, string body, CancellationToken ct) => SlowAsync("UPDATE blogs SET body = @b WHERE id = @a", ct, id, body);

    public Task<Score?> FindScoreAsync(int id, CancellationToken ct) =>
        OneAsync("SELECT id, teams, runs, wickets, balls FROM scores WHERE id = @a", r => new Score(r.GetInt32(0), r.GetString(1), r.GetInt32(2), r.GetInt32(3), r.GetInt32(4)), ct, id);

    /// <summary>Writes a score once, however often it is asked with the same idempotency key.</summary>
    public async Task SaveScoreAsync(Score score, string idempotencyKey, CancellationToken ct)
    {
        if (await SlowAsync("INSERT INTO written VALUES (@a) ON CONFLICT (idempotency_key) DO NOTHING", ct, idempotencyKey).ConfigureAwait(false) > 0)
            await RunAsync("UPDATE scores SET runs = @b, wickets = @c, balls = @d WHERE id = @a", ct, score.Id, score.Runs, score.Wickets, score.Balls).ConfigureAwait(false);
    }

    public Task<Tweet?> FindTimelineAsync(int follower, CancellationToken ct) => OneAsync(
        "SELECT t.id, t.author, t.body FROM follows f JOIN tweets t ON t.author = f.author WHERE f.follower = @a ORDER BY t.id DESC LIMIT 1", r => new Tweet(r.GetInt32(0), r.GetString(1), r.GetString(2)), ct, follower);

    public async Task<Tweet> TweetAsync(string text, CancellationToken ct) =>
        (await OneAsync("INSERT INTO tweets SELECT COALESCE(MAX(id), 0) + 1, @a, @b FROM tweets RETURNING id, author, body", r => new Tweet(r.GetInt32(0), r.GetString(1), r.GetString(2)), ct, Celebrity, text).ConfigureAwait(false))!;

    public void Dispose()
    {
        _source.Dispose();
        _connections.Dispose();
    }

    private async Task<T?> OneAsync<T>(string sql, Func<DbDataReader, T> read, CancellationToken ct, params object[] parameters)
        where T : class
    {
        await _connections.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            await Task.Delay(_delay, _time, ct).ConfigureAwait(false);
            await using var command = Command(sql, parameters);
            await using var reader = await command.ExecuteReaderAsync(ct).ConfigureAwait(false);
            return await reader.ReadAsync(ct).ConfigureAwait(false) ? read(reader) : null;
        }
        finally
        {
            _connections.Release();
        }
    }

    private async Task<int> SlowAsync(string sql, CancellationToken ct, params object[] parameters)
    {
        await _connections.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            await Task.Delay(_delay, _time, ct).ConfigureAwait(false);
            return await RunAsync(sql, ct, parameters).ConfigureAwait(false);
        }
        finally
        {
            _connections.Release();
        }
    }

    private async Task<int> RunAsync(string sql, CancellationToken ct = default, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteNonQueryAsync(ct).ConfigureAwait(false);
    }

    [SuppressMessage("Security", "CA2100", Justification = "Every SQL text is a constant of this file; values are parameters.")]
    private DbCommand Command(string sql, object[] parameters)
    {
        var command = _source.CreateCommand(sql);
        for (var i = 0; i < parameters.Length; i++)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ($"{(char)('a' + i)}", parameters[i]);
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
