using ThinFuse.Daemon.Events;
using ThinFuse.Daemon.Hosting;
using ThinFuse.Pool;

namespace ThinFuse.Daemon.Control.Server;

/// <summary>What the endpoints of the control API speak about.</summary>
/// <param name="Pool">The open pool.</param>
/// <param name="Events">What happened in it lately, and what happens.</param>
/// <param name="Mount">Where it is mounted, and how that ends.</param>
internal sealed record ControlContext(ThinPool Pool, EventStream Events, ServedMount Mount);
