using System.Globalization;

namespace RedisTopology.Bench.Population;

/// <summary>The origin, from a worker.</summary>
internal sealed class OriginClient(string url) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = new Uri(url) };

    public async Task<long> ReadAsync(string key, CancellationToken cancel = default) =>
        long.Parse(await _http.GetStringAsync(new Uri("/" + key, UriKind.Relative), cancel), CultureInfo.InvariantCulture);

    public async Task<long> RaiseAsync(string key, CancellationToken cancel = default)
    {
        using var answer = await _http.PostAsync(new Uri("/" + key, UriKind.Relative), null, cancel);
        return long.Parse(await answer.Content.ReadAsStringAsync(cancel), CultureInfo.InvariantCulture);
    }

    public void Dispose() => _http.Dispose();
}
