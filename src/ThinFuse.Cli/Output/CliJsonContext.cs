using System.Text.Json;
using System.Text.Json.Serialization;
using ThinFuse.Cli.Completion;
using ThinFuse.Cli.Errors;
using ThinFuse.Cli.Loop;
using ThinFuse.Cli.Mount;
using ThinFuse.Cli.Snapshot.Pruning;
using ThinFuse.Cli.Volume;
using ThinFuse.Daemon.Control.Contracts;
using ThinFuse.Pool;

namespace ThinFuse.Cli.Output;

/// <summary>The JSON results that exist only in commands; all others are those of the control API.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(UtcTimeConverter)])]
[JsonSerializable(typeof(ErrorReport))]
[JsonSerializable(typeof(ControlError))]
[JsonSerializable(typeof(MountResult))]
[JsonSerializable(typeof(ServingReport))]
[JsonSerializable(typeof(UpgradeResult))]
[JsonSerializable(typeof(UnmountResult))]
[JsonSerializable(typeof(DeleteResult))]
[JsonSerializable(typeof(PruneResult))]
[JsonSerializable(typeof(AttachResult))]
[JsonSerializable(typeof(DetachResult))]
[JsonSerializable(typeof(CompletionResult))]
[JsonSerializable(typeof(RepairReport))]
internal sealed partial class CliJsonContext : JsonSerializerContext;
