using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using k8s.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RedisTopology.Operator.Certificates;

namespace RedisTopology.Operator.Webhooks;

/// <summary>
/// Keeps the certificates. Every instance reads the Secret and serves what is in it; only the one that leads writes it, and the <c>caBundle</c> of the
/// configuration. What is missing, expired or unreadable is made anew: to delete the Secret is a way of rotating everything at once.
/// </summary>
internal sealed partial class CertificateKeeper(IKubernetesClient client, IApplier applier, ILeadership leadership, InjectionSettings settings, TimeProvider time, ILogger<CertificateKeeper> logger)
    : BackgroundService
{
    /// <summary>Its fields in the configuration are told apart from the rest by this name.</summary>
    private static readonly ApplyOptions BundleOwner = new() { FieldManager = "redis-topology-operator-webhook" };

    private static readonly TimeSpan FirstPeriod = TimeSpan.FromSeconds(1);

    private volatile X509Certificate2? _served;
    private IssuedCertificates? _current;

    /// <summary>What is to be served; null until there is one.</summary>
    public X509Certificate2? Served => _served;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RoundAsync(stoppingToken);
            }
            catch (Exception e) when (ApiFailures.IsOne(e, stoppingToken))
            {
                LogRoundFailed(logger, e.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(_served is null ? FirstPeriod : settings.Period, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RoundAsync(CancellationToken cancel)
    {
        var secret = await client.GetAsync<V1Secret>(settings.Secret, settings.Namespace, cancel);
        var found = IssuedCertificates.OfData(secret?.Data);
        if (leadership.IsLeader)
        {
            var next = IssuedCertificates.Next(found, settings.Profile, time.GetUtcNow());
            if (next != found)
            {
                await StoreAsync(secret, next, cancel);
                LogRotated(logger, settings.Secret);
                found = next;
            }
        }

        if (found is null)
            return;
        if (found != _current && found.TryReadServed() is { } served)
        {
            // The former is left to the garbage collector: a handshake may be using it.
            _served = served;
            _current = found;
            LogServing(logger, served.NotAfter.ToUniversalTime());
        }

        if (leadership.IsLeader)
            await AnnounceAsync(found.Authorities, cancel);
    }

    private async Task StoreAsync(V1Secret? secret, IssuedCertificates next, CancellationToken cancel)
    {
        var wanted = new V1Secret
        {
            Metadata = new V1ObjectMeta
            {
                Name = settings.Secret,
                NamespaceProperty = settings.Namespace,
                // Of two that think they lead, the second is told that what it read has changed.
                ResourceVersion = secret?.Metadata.ResourceVersion,
                Labels = secret?.Metadata.Labels ?? new Dictionary<string, string> { ["app.kubernetes.io/name"] = "redis-topology-operator" },
                Annotations = secret?.Metadata.Annotations,
            },
            Type = secret?.Type ?? "Opaque",
            Data = next.ToData(),
        };
        if (secret is null)
            await client.CreateAsync(wanted, cancel);
        else
            await client.UpdateAsync(wanted, cancel);
    }

    /// <summary>Tells the API server whom to trust, when it does not know.</summary>
    private async Task AnnounceAsync(string authorities, CancellationToken cancel)
    {
        var configuration = await client.GetAsync<V1MutatingWebhookConfiguration>(settings.Configuration, null, cancel);
        if (configuration is null)
        {
            LogNoConfiguration(logger, settings.Configuration);
            return;
        }

        var bundle = System.Text.Encoding.ASCII.GetBytes(authorities);
        if (configuration.Webhooks?.All(w => w.ClientConfig?.CaBundle is { } known && known.AsSpan().SequenceEqual(bundle)) != false)
            return;
        var webhooks = new JsonArray([.. configuration.Webhooks.Select(w => (JsonNode)new JsonObject
        {
            ["name"] = w.Name,
            ["clientConfig"] = new JsonObject { ["caBundle"] = Convert.ToBase64String(bundle) },
        })]);
        var document = new JsonObject
        {
            ["apiVersion"] = "admissionregistration.k8s.io/v1",
            ["kind"] = "MutatingWebhookConfiguration",
            ["metadata"] = new JsonObject { ["name"] = settings.Configuration },
            ["webhooks"] = webhooks,
        };
        await applier.ApplyAsync<V1MutatingWebhookConfiguration>(document, BundleOwner, cancel);
        LogAnnounced(logger, settings.Configuration);
    }

    [LoggerMessage(LogLevel.Information, "The webhook's certificates in Secret {Secret} were renewed")]
    private static partial void LogRotated(ILogger logger, string secret);

    [LoggerMessage(LogLevel.Information, "The webhook serves a certificate that is valid until {End}")]
    private static partial void LogServing(ILogger logger, DateTime end);

    [LoggerMessage(LogLevel.Information, "The authorities were announced in MutatingWebhookConfiguration {Configuration}")]
    private static partial void LogAnnounced(ILogger logger, string configuration);

    [LoggerMessage(LogLevel.Warning, "There is no MutatingWebhookConfiguration {Configuration}: nothing is injected until it is installed")]
    private static partial void LogNoConfiguration(ILogger logger, string configuration);

    [LoggerMessage(LogLevel.Warning, "The webhook's certificates could not be looked at: {Reason}")]
    private static partial void LogRoundFailed(ILogger logger, string reason);
}
