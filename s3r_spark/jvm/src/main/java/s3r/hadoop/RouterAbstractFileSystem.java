package s3r.hadoop;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;

/**
 * The router for FileContext, by which Spark writes streaming checkpoints. Without it they would go
 * to S3A and past the routes.
 */
public final class RouterAbstractFileSystem extends DelegateToFileSystem {
  /** As {@code AbstractFileSystem.createFileSystem} calls it. */
  public RouterAbstractFileSystem(URI uri, Configuration conf)
      throws IOException, URISyntaxException {
    super(uri, new RouterFileSystem(), conf, uri.getScheme(), false);
  }
}
