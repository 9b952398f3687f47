using System.Globalization;
using System.Text;

namespace RedisTopology.Sidecar.Metrics;

/// <summary>Writes metrics in the text format of Prometheus, version 0.0.4.</summary>
internal sealed class MetricWriter
{
    private readonly StringBuilder _text = new(16 * 1024);
    private string _name = "";

    /// <summary>Begins a metric.</summary>
    /// <param name="family">The metric.</param>
    public void Begin(MetricFamily family)
    {
        _name = MetricFamily.Prefix + family.Name;
        _text.Append("# HELP ").Append(_name).Append(' ').Append(family.Help.Replace("\\", "\\\\", StringComparison.Ordinal)).Append('\n')
            .Append("# TYPE ").Append(_name).Append(' ').Append(family.Type).Append('\n');
    }

    /// <summary>Writes a sample.</summary>
    /// <param name="value">Its value.</param>
    /// <param name="labels">Its labels.</param>
    public void Sample(double value, params ReadOnlySpan<(string Name, string Value)> labels) => Sample("", value, labels);

    /// <summary>Writes a sample of a histogram.</summary>
    /// <param name="suffix">"_bucket", "_sum" or "_count".</param>
    /// <param name="value">Its value.</param>
    /// <param name="labels">Its labels.</param>
    public void Sample(string suffix, double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        _text.Append(_name).Append(suffix);
        if (labels.Length > 0)
        {
            var separator = '{';
            foreach (var (name, text) in labels)
            {
                _text.Append(separator).Append(name).Append("=\"").Append(Escape(text)).Append('"');
                separator = ',';
            }

            _text.Append('}');
        }

        _text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    private static string Escape(string text) => text.AsSpan().IndexOfAny('\\', '"', '\n') < 0
        ? text
        : text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
