package s3r.hadoop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.s3a.S3AFileSystem;

/** A place of a store, by a file system of its own, which gives up soon. */
final class ExaminedPlace implements Closeable {
  private static final int MOST_LISTED = 100; // names among which a file to read is looked for

  /** In the names of what checks write, which is gone in a moment. */
  private static final String PROBE = "/_s3r-spark-check-";

  /** What is tried for minutes otherwise. */
  private static final Map<String, String> IMPATIENT =
      Map.of(
          "attempts.maximum", "1",
          "retry.limit", "1",
          "retry.interval", "100ms",
          "retry.throttle.limit", "1",
          "connection.establish.timeout", "15000");

  private final S3AFileSystem fs;
  private final Path folder;
  private final String probe;
  private boolean listed;

  private ExaminedPlace(S3AFileSystem fs, Path folder, String probe) {
    this.fs = fs;
    this.folder = folder;
    this.probe = probe;
  }

  /**
   * Opens a file system, by the router's own class or S3A's, as the scheme says.
   *
   * @param place its {@code uri}, and {@code probe}: the name of what to write there, if at all
   * @param prefix what the names of its client's settings begin with
   */
  static ExaminedPlace open(Map<String, String> place, String prefix, Configuration session)
      throws IOException {
    Configuration conf = new Configuration(session);
    IMPATIENT.forEach((option, value) -> conf.set(prefix + option, value));
    Path folder = new Path(place.get("uri"));
    URI bucket = URI.create(folder.toUri().getScheme() + "://" + folder.toUri().getAuthority());
    S3AFileSystem fs = bucket.getScheme().startsWith("s3r-") ? new RouterStore() : new Store();
    fs.initialize(bucket, conf);
    return new ExaminedPlace(fs, folder, place.get("probe"));
  }

  @Override
  public void close() throws IOException {
    fs.close();
  }

  /** Lists, reads, and writes where it may, up to the first that fails. */
  void examine(Facts facts) {
    Path file = list(facts);
    if (file != null) {
      read(file, facts);
    }
    if (probe != null && listed) {
      Path parent = folder.equals(file) && !folder.isRoot() ? folder.getParent() : folder;
      change(new Path(parent, probe + "-" + UUID.randomUUID()), facts);
    }
  }

  private Path list(Facts facts) {
    try {
      RemoteIterator<LocatedFileStatus> files = fs.listFiles(folder, true);
      listed = true;
      for (int number = 0; number < MOST_LISTED && files.hasNext(); number++) {
        LocatedFileStatus file = files.next();
        if (file.getLen() > 0 && !file.getPath().toString().contains(PROBE)) {
          facts.good("list", "objects");
          return file.getPath();
        }
      }
      facts.good("list", "empty");
    } catch (FileNotFoundException nothing) {
      listed = true;
      facts.good("list", "nothing");
    } catch (IOException | RuntimeException error) {
      facts.bad("list", error);
    }
    return null;
  }

  private void read(Path file, Facts facts) {
    try {
      long length = fs.getFileStatus(file).getLen();
      try (InputStream in = fs.open(file)) {
        if (in.read() < 0) {
          throw new IOException("it ends before its first byte");
        }
      }
      facts.good("read", file.toUri().getPath() + " (" + length + " bytes)");
    } catch (IOException | RuntimeException error) {
      facts.bad("read", error);
    }
  }

  private void change(Path probe, Facts facts) {
    byte[] content = "one".getBytes(UTF_8);
    String check = "put";
    boolean gone = false;
    try {
      try (OutputStream out = fs.create(probe, false)) {
        out.write(content);
      }
      try (InputStream in = fs.open(probe)) {
        if (!Arrays.equals(in.readAllBytes(), content)) {
          throw new IOException("what was written is not what is read");
        }
      }
      facts.good(check, probe.toUri().getPath());
      check = "delete";
      fs.delete(probe, false);
      gone = !fs.exists(probe);
      if (!gone) {
        throw new IOException("what was deleted is still there");
      }
      facts.good(check, probe.toUri().getPath());
    } catch (IOException | RuntimeException error) {
      facts.bad(check, error);
    } finally {
      if (!gone) {
        clean(probe, facts);
      }
    }
  }

  private void clean(Path probe, Facts facts) {
    try {
      fs.delete(probe, false);
      if (fs.exists(probe)) {
        facts.bad("clean up", probe.toUri().getPath());
      }
    } catch (IOException | RuntimeException error) {
      facts.bad("clean up", probe.toUri().getPath());
    }
  }

  // S3A marks the folder of what it has deleted as one; a check leaves nothing behind.

  private static final class RouterStore extends StoreFileSystem {
    @Override
    protected void maybeCreateFakeParentDirectory(Path path) {}
  }

  private static final class Store extends S3AFileSystem {
    @Override
    protected void maybeCreateFakeParentDirectory(Path path) {}
  }
}
