using System.CommandLine;

namespace RedisTopology.Operator.Webhooks;

/// <summary>The options of <c>run</c> that are about injection.</summary>
internal sealed class InjectionOptions
{
    /// <summary>The variable behind <c>--sidecar-image</c>.</summary>
    public const string ImageVariable = "SIDECAR_IMAGE";

    private readonly Option<bool> _enabled = new("--inject-sidecars") { Description = "Serve the webhook that puts the sidecar into pods labelled cache.redistopology.io/inject." };

    private readonly Option<string> _image = new("--sidecar-image")
    {
        Description = $"Image of the injected sidecar; {ImageVariable} when absent.",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(ImageVariable) is { Length: > 0 } image ? image : "redis-topology-sidecar:" + typeof(InjectionOptions).Assembly.GetName().Version!.ToString(3),
    };

    private readonly Option<string> _name = new("--webhook-name") { Description = "Name of the webhook's Service, and, with \"-certificates\", of the Secret.", DefaultValueFactory = _ => "redis-topology-operator-webhook" };

    private readonly Option<string?> _configuration = new("--webhook-configuration") { Description = "Name of the MutatingWebhookConfiguration; that of the Service when absent." };

    private readonly Option<int> _port = new("--webhook-port") { Description = "Port of the webhook.", DefaultValueFactory = _ => 9443 };

    public IEnumerable<Option> All => [_enabled, _image, _name, _configuration, _port];

    /// <summary>What the command line asks for; null when nothing is to be injected.</summary>
    public InjectionSettings? Read(ParseResult parsed)
    {
        if (!parsed.GetValue(_enabled))
            return null;
        var name = parsed.GetValue(_name)!;
        var space = Environment.GetEnvironmentVariable("POD_NAMESPACE") is { Length: > 0 } own ? own : "default";
        return new InjectionSettings
        {
            Image = parsed.GetValue(_image)!,
            Namespace = space,
            Secret = name + "-certificates",
            Configuration = parsed.GetValue(_configuration) ?? name,
            Hosts = [$"{name}.{space}.svc"],
            Port = parsed.GetValue(_port),
        };
    }
}
