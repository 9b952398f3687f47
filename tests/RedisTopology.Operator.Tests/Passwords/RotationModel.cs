using System.Collections.Immutable;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Passwords;

namespace RedisTopology.Operator.Tests.Passwords;

/// <summary>Servers that restart with what their pods mounted a while ago, clients that read the Secret late, and an operator that knows nothing but what is written down.</summary>
internal sealed class RotationModel(Random random)
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    /// <summary>How late a pod's files may be. Less than the time a former password is accepted, or nobody could keep the promise.</summary>
    private static readonly TimeSpan Projection = TimeSpan.FromMinutes(3);

    private readonly List<Server> _servers = [new(), new(), new()];
    private readonly List<(DateTimeOffset At, string Password)> _given = [];
    private readonly List<(DateTimeOffset At, PasswordSet Kept)> _written = [];
    private DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_732_615_200);
    private PasswordSet _kept = new("p0", [], "");
    private string _secret = "p0";
    private string _request = "";
    private int _names;

    public void Run()
    {
        Write(_kept);
        foreach (var server in _servers)
            Start(server);
        for (var step = 0; step < 120; step++)
        {
            Something();
            Check($"step {step}");
        }

        foreach (var server in _servers.Where(s => !s.Answers))
            Return(server);
        for (var look = 0; look < 40; look++)
        {
            Look();
            _now += TimeSpan.FromMinutes(1);
            Check($"look {look} of the end");
        }

        Assert.Equal(_secret, _kept.Current);
        Assert.Empty(_kept.Others);
        Assert.All(_servers, s => Assert.Equal([_secret], s.Accepts));
        Assert.All(_servers, s => Assert.Equal(_secret, s.MasterAuth));
    }

    private void Something()
    {
        _now += TimeSpan.FromSeconds(random.Next(1, 60));
        var server = _servers[random.Next(_servers.Count)];
        switch (random.Next(20))
        {
            case 0:
                _secret = random.Next(4) == 0 ? "p0" : $"p{++_names}";
                break;
            case 1:
                _request = $"r{++_names}";
                break;
            case 2 when server.Answers:
                // Its container is started anew, in the same pod or in another one.
                Start(server);
                break;
            case 3:
                server.Answers = false;
                server.Down = random.Next(2) == 0;
                break;
            case 4 when !server.Answers:
                Return(server);
                break;
            default:
                Look();
                break;
        }
    }

    private void Return(Server server)
    {
        // A machine that was cut off comes back with servers that never stopped.
        if (server.Down && random.Next(2) == 0)
            Start(server);
        (server.Answers, server.Down) = (true, false);
    }

    /// <summary>A look, and as many of its steps as the operator lives for.</summary>
    private void Look()
    {
        var wish = new PasswordWish("secret", true, _secret, null, _request, Grace);
        var pods = _servers.Select(s => new ObservedPod
        {
            Name = "p",
            Shard = "s",
            Ordinal = 0,
            ConfirmedDown = s.Down,
            Node = s.Answers && s.Accepts.Contains(_kept.Current) ? new ObservedNode { Id = "n", Role = NodeRole.Master } : null,
            PasswordsDiffer = !s.Accepts.SetEquals(_kept.All) || s.MasterAuth != _kept.Current,
        }).ToImmutableArray();
        var change = PasswordRotation.Next(_kept, wish, pods, _now, () => $"p{++_names}");
        if (random.Next(10) == 0)
            return;
        if (change?.Publish is { } made)
            _secret = made;
        else if (change is not null)
            Write(change.Result);
        for (var i = 0; i < _servers.Count && random.Next(10) > 0; i++)
        {
            if (!_servers[i].Answers || !pods[i].PasswordsDiffer)
                continue;
            Assert.True(_kept.All.Any(_servers[i].Accepts.Contains), "the operator is locked out");
            (_servers[i].Accepts, _servers[i].MasterAuth) = ([.. _kept.All], _kept.Current);
        }
    }

    private void Write(PasswordSet kept)
    {
        // To the Secret of the pods and back, as the next operator reads it.
        _kept = PasswordSet.Read(kept.ToData(), kept.RotatedFor)!;
        _written.Add((_now, _kept));
        if (_given.Count > 0 && _given[^1].Password == kept.Current)
            return;
        _given.Add((_now, kept.Current));
        if (_given.Count > 1)
            Assert.All(_servers.Where(s => s.Answers), s => Assert.Contains(kept.Current, s.Accepts));
    }

    private void Start(Server server)
    {
        var oldest = _now - TimeSpan.FromSeconds(random.Next((int)Projection.TotalSeconds));
        var mounted = _written.FindLast(w => w.At <= oldest).Kept ?? _written[0].Kept;
        (server.Accepts, server.MasterAuth) = ([.. mounted.All], mounted.Current);
    }

    private void Check(string when)
    {
        foreach (var server in _servers.Where(s => s.Answers))
        {
            Assert.True(_kept.All.Any(server.Accepts.Contains), $"{when}: the operator is locked out of a server");
            Assert.All(_servers.Where(s => s.Answers), other => Assert.True(other.Accepts.Contains(server.MasterAuth) || !Settled(other), $"{when}: a server is locked out of another"));
        }

        // Who was given a password that has been in use since keeps it for the time allowed.
        for (var i = 0; i < _given.Count; i++)
        {
            var until = i + 1 < _given.Count ? _given[i + 1].At + Grace : DateTimeOffset.MaxValue;
            if (_now < until)
                Assert.All(_servers.Where(s => s.Answers && Settled(s)), s => Assert.Contains(_given[i].Password, s.Accepts));
        }
    }

    /// <summary>The operator has been there since it started.</summary>
    private bool Settled(Server server) => server.Accepts.SetEquals(_kept.All);

    private sealed class Server
    {
        public HashSet<string> Accepts { get; set; } = [];

        public string MasterAuth { get; set; } = "";

        public bool Answers { get; set; } = true;

        public bool Down { get; set; }
    }
}
