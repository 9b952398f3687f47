namespace RedisTopology.Testing;

/// <summary>A fenced block of the README or of a page in docs/.</summary>
/// <param name="Page">Its page, from the repository's folder on.</param>
/// <param name="Line">The line its text begins in.</param>
/// <param name="Language">The first word after the fence; empty when there is none.</param>
/// <param name="Mark">What follows it: <c>run</c>, <c>run installed</c>, <c>run kustomize</c> or <c>output</c> (of the block before); empty when there is nothing.</param>
/// <param name="Text">The lines between the fences.</param>
public sealed record GuideBlock(string Page, int Line, string Language, string Mark, string Text)
{
    /// <summary>Its first line, by which people and lists know it.</summary>
    public string FirstLine => Text.Split('\n')[0];

    /// <summary>Whether it is a whole object for an API server.</summary>
    public bool IsObject => Language == "yaml" && Text.StartsWith("apiVersion:", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => $"{Page}:{Line} {FirstLine}";
}
