using System.Reflection;
using Xunit.Sdk;

namespace ThinFuse.EndToEnd.Harness;

/// <summary>
/// Runs a theory once over each transport, whose name comes after the arguments given here; over one alone when THINFUSE_TRANSPORT names it.
/// </summary>
/// <param name="arguments">The arguments before it.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class OnEachTransportAttribute(params object[] arguments) : DataAttribute
{
    /// <inheritdoc/>
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        TransportUnderTest.Each.Select(object[] (transport) => [.. arguments, transport]);
}
