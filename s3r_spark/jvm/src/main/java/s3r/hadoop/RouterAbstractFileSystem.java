package s3r.hadoop;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.InvalidPathException;
import org.apache.hadoop.fs.Path;

/**
 * The router for FileContext, by which Spark writes streaming checkpoints. Without it they would go
 * to S3A and past the routes.
 */
public final class RouterAbstractFileSystem extends DelegateToFileSystem {
  private final URI bucket;

  /** As {@code AbstractFileSystem.createFileSystem} calls it. */
  public RouterAbstractFileSystem(URI uri, Configuration conf)
      throws IOException, URISyntaxException {
    super(standIn(uri), new RouterFileSystem(uri), conf, uri.getScheme(), false);
    bucket = URI.create(uri.getScheme() + "://" + uri.getRawAuthority() + "/");
  }

  /** Hadoop's own code takes host names only, and a logical bucket may have any name. */
  private static URI standIn(URI uri) {
    return uri.getHost() == null ? URI.create(uri.getScheme() + ":///") : uri;
  }

  @Override
  public URI getUri() {
    return bucket == null ? super.getUri() : bucket;
  }

  /** Hadoop's own compares hosts, of which such buckets have none. */
  @Override
  public void checkPath(Path path) {
    String authority = path.toUri().getAuthority();
    if (authority != null && !authority.equals(bucket.getAuthority())) {
      throw new InvalidPathException("Wrong FS: " + path + " and bucket=" + bucket);
    }
    super.checkPath(path);
  }
}
