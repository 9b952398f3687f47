using RedisTopology.Core.Planning;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Passwords;
using RedisTopology.Operator.Redis;

namespace RedisTopology.Operator.Steps;

/// <summary>The steps of a change of the password.</summary>
internal sealed class PasswordSteps(ClusterSecrets secrets, EventPublisher events)
{
    /// <summary>Whether a step is one of these: they hold up no other, and no other them.</summary>
    /// <param name="step">The step.</param>
    /// <returns>True when it is.</returns>
    public static bool Has(PlanStep step) => step is PlanStep.RecordPasswords or PlanStep.SetPasswords;

    /// <summary>Carries out a step, when it is one of these.</summary>
    /// <param name="step">The step.</param>
    /// <param name="run">What it works with.</param>
    /// <returns>The work; null when the step is none of these.</returns>
    public Task? Do(PlanStep step, StepRun run) => step switch
    {
        PlanStep.RecordPasswords => RecordAsync(run),
        PlanStep.SetPasswords set => SetAsync(set, run),
        _ => null,
    };

    private async Task RecordAsync(StepRun run)
    {
        if (run.State.PasswordChange is not { } change)
            return;
        await secrets.RecordAsync(run.Definition, run.State, change, run.CancellationToken);
        await events(run.Cluster, "PasswordChange", char.ToUpperInvariant(change.What[0]) + change.What[1..], cancellationToken: run.CancellationToken);
    }

    /// <summary>By the password in use, or, where a server was started with what its pod mounted a while ago, by one of the others.</summary>
    private static async Task SetAsync(PlanStep.SetPasswords set, StepRun run)
    {
        if (run.State.Passwords is not var (passwords, _, _))
            return;
        try
        {
            await TellAsync(run.Session, set, passwords, run);
            return;
        }
        catch (RedisUnavailableException e) when (e.MayBePassword)
        {
            // One of the others may do.
        }

        foreach (var other in passwords.Others)
        {
            await using var session = await RedisConnections.OpenOneAsync(set.Address, other.Password, run.Session.Trust);
            try
            {
                await TellAsync(session, set, passwords, run);
                return;
            }
            catch (RedisUnavailableException e) when (e.MayBePassword)
            {
                // The next one.
            }
        }

        throw new RedisUnavailableException("it refuses every password of the cluster");
    }

    private static async Task TellAsync(RedisSession session, PlanStep.SetPasswords set, PasswordSet passwords, StepRun run)
    {
        var names = new ResourceNames(run.Definition.Name);
        var (_, hostname) = NodeParser.Parse((string)(await session.ExecuteAsync(set.Address, "CLUSTER", "NODES"))!, "", "", names, run.Definition.Namespace);
        if (hostname != names.Hostname(set.Pod, run.Definition.Namespace))
            throw new StepOutdatedException($"{set.Address} now answers as \"{hostname}\", not as {set.Pod}");

        // All in one command: there is no instant at which the server accepts less than it should. Connections that were opened with a password which goes stay open.
        await session.ExecuteAsync(set.Address, "ACL", ["SETUSER", "default", "resetpass", .. passwords.Hashes.Select(h => "#" + h)]);
        await session.ExecuteAsync(set.Address, "CONFIG", "SET", "masterauth", passwords.Current);
    }
}
