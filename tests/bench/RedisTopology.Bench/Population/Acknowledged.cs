using System.IO.MemoryMappedFiles;

namespace RedisTopology.Bench.Population;

/// <summary>The last acknowledged number of each key, in memory that all workers share: a read that begins now and ends with less is stale.</summary>
internal sealed class Acknowledged(string path) : IDisposable
{
    public const int Keys = 20;

    private readonly MemoryMappedFile _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, Keys * sizeof(long));
    private MemoryMappedViewAccessor? _view;

    private MemoryMappedViewAccessor View => _view ??= _file.CreateViewAccessor();

    /// <remarks>A number has one writer, and eight aligned bytes are written at once.</remarks>
    public long this[int key]
    {
        get => View.ReadInt64(key * sizeof(long));
        set => View.Write(key * sizeof(long), value);
    }

    public void Dispose()
    {
        _view?.Dispose();
        _file.Dispose();
    }
}
