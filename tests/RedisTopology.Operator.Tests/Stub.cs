using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace RedisTopology.Operator.Tests;

/// <summary>Whatever it is asked, one function answers.</summary>
/// <typeparam name="T">The interface it stands for.</typeparam>
[SuppressMessage("Performance", "CA1852", Justification = "The proxy is a subtype that is made at run time.")]
internal class Stub<T> : DispatchProxy
    where T : class
{
    private Func<object?[], object?> _answer = _ => null;

    public static T Answering(Func<object?[], object?> answer)
    {
        var stub = Create<T, Stub<T>>();
        ((Stub<T>)(object)stub)._answer = answer;
        return stub;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _answer(args!);
}
