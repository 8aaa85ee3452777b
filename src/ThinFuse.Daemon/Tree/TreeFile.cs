namespace ThinFuse.Daemon.Tree;

/// <summary>A file of the status tree: a name, and how its one value is made.</summary>
/// <typeparam name="T">What the value is taken from.</typeparam>
/// <param name="Name">The file's name.</param>
/// <param name="Value">The value, without the newline that ends it in the file.</param>
internal sealed record TreeFile<T>(string Name, Func<T, string> Value);
