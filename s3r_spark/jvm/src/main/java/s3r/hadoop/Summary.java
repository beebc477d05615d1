package s3r.hadoop;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.apache.hadoop.fs.ContentSummary;
import org.apache.hadoop.fs.FileStatus;

/** The content summary of a folder that spans stores, as S3A makes its own. */
final class Summary {
  private Summary() {}

  /** Counts files and bytes, and the folders too that are on the way to files. */
  static ContentSummary of(Source source, Layout layout) throws IOException {
    ContentSummary.Builder summary = new ContentSummary.Builder();
    if (source.isFile()) {
      long length = source.file().getLen();
      return summary.length(length).fileCount(1).spaceConsumed(length).build();
    }
    int top = Routes.folder(source.name().key()).length();
    Set<String> folders = new HashSet<>(Set.of(source.name().key()));
    long files = 0;
    long length = 0;
    while (source.entries().hasNext()) {
      FileStatus entry = source.entries().next();
      String key = layout.key(entry.getPath()) + (entry.isDirectory() ? "/" : "");
      for (int end = key.lastIndexOf('/'); end > top; end = key.lastIndexOf('/', end - 1)) {
        if (!folders.add(key.substring(0, end))) {
          break; // then those above it are counted too
        }
      }
      files += entry.isFile() ? 1 : 0;
      length += entry.getLen();
    }
    return summary
        .length(length)
        .fileCount(files)
        .directoryCount(folders.size())
        .spaceConsumed(length)
        .build();
  }
}
