using System.Globalization;
using System.Security.Cryptography;

namespace ThinFuse.EndToEnd.Harness;

/// <summary>Directory trees of known content.</summary>
internal static class FileTree
{
    private const int FilesPerDirectory = 20;

    /// <summary>Makes a tree of files of random content and of sizes from nothing to twice the average.</summary>
    public static void Create(string directory, Random random, int files, int averageBytes)
    {
        for (int i = 0; i < files; i++)
        {
            string folder = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"d{i / FilesPerDirectory}"));
            Directory.CreateDirectory(folder);
            byte[] content = new byte[random.Next(2 * averageBytes)];
            random.NextBytes(content);
            File.WriteAllBytes(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"f{i}")), content);
        }
    }

    /// <summary>The SHA-256 of every file, by its path in the tree.</summary>
    public static IReadOnlyDictionary<string, string> Checksums(string directory) =>
        Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/lost+found", StringComparison.Ordinal))
            .ToDictionary(file => Path.GetRelativePath(directory, file), Checksum);

    /// <summary>The SHA-256 of a file.</summary>
    public static string Checksum(string file)
    {
        using FileStream stream = File.OpenRead(file);
        return Convert.ToHexString(SHA256.HashData(stream));
    }
}
