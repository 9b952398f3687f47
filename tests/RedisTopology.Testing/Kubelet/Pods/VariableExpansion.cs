using System.Text;

namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>Kubernetes' <c>$(VAR)</c>: a reference to an unknown variable stays as it is, <c>$$</c> is one dollar.</summary>
internal static class VariableExpansion
{
    /// <summary>Expands one text.</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables)
    {
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            if (text[i + 1] == '$')
            {
                result.Append('$');
                i++;
                continue;
            }

            var end = text[i + 1] == '(' ? text.IndexOf(')', i + 2) : -1;
            if (end < 0)
            {
                result.Append('$');
                continue;
            }

            var name = text[(i + 2)..end];
            result.Append(variables.TryGetValue(name, out var value) ? value : $"$({name})");
            i = end;
        }

        return result.ToString();
    }
}
