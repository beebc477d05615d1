package s3r.hadoop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The names of a logical bucket: how paths are spelled, and where they are. */
abstract class LogicalFileSystem extends FileSystem {
  private URI uri;
  private Path workingDirectory;
  private Layout layout;

  @Override
  public void initialize(URI name, Configuration conf) throws IOException {
    if (name.getRawAuthority() == null || name.getRawAuthority().contains("@")) {
      throw new IOException(
          "not the URI of a bucket, which has no user or password: write "
              + name.getScheme()
              + "://bucket");
    }
    super.initialize(name, conf);
    setConf(conf);
    uri = URI.create(name.getScheme() + "://" + name.getRawAuthority());
    try {
      layout = new Layout(uri, conf);
    } catch (IllegalArgumentException wrong) {
      throw new IOException(uri + ": " + wrong.getMessage(), wrong);
    }
    workingDirectory = layout.path("user/" + layout.user());
  }

  final Layout layout() {
    return layout;
  }

  /** The name of a path. */
  final String key(Path path) {
    checkPath(path);
    return layout.key(makeQualified(path));
  }

  /** Where a path is. */
  final Place place(Path path) throws IOException {
    return layout.place(key(path));
  }

  @Override
  public URI getUri() {
    return uri;
  }

  @Override
  public String getScheme() {
    return uri == null ? "s3a" : uri.getScheme();
  }

  @Override
  protected URI canonicalizeUri(URI name) {
    return name; // there is no port to add
  }

  @Override
  public Path makeQualified(Path path) {
    Path qualified = super.makeQualified(path);
    String text = qualified.toUri().getPath();
    return qualified.isRoot() || !text.endsWith("/")
        ? qualified
        : layout.path(Routes.stripped(text));
  }

  @Override
  public Path getWorkingDirectory() {
    return workingDirectory;
  }

  @Override
  public void setWorkingDirectory(Path path) {
    workingDirectory = makeQualified(path);
  }

  /** Delegation tokens are the stores' own; Hadoop asks them. */
  @Override
  public String getCanonicalServiceName() {
    return null;
  }

  @Override
  public FileSystem[] getChildFileSystems() {
    try {
      return layout.allStores();
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }
}
