package s3r.hadoop;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.token.DelegationTokenIssuer;

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
    String cached = "fs." + name.getScheme() + ".impl.disable.cache";
    if (!conf.getBoolean(cached, false)) {
      throw new IOException(
          uri + ": " + cached + " must be true, or Hadoop would keep to these routes for ever");
    }
    try {
      layout = new Layout(uri, conf, new Stores(conf, ownsStores()));
    } catch (IllegalArgumentException wrong) {
      throw new IOException(uri + ": " + wrong.getMessage(), wrong);
    }
    workingDirectory = layout.path("user/" + layout.user());
  }

  /** Whether its stores are its own, and not those that Hadoop keeps for all. */
  abstract boolean ownsStores();

  final Layout layout() {
    return layout;
  }

  /** The name of a path. */
  final String key(Path path) {
    checkPath(path);
    return layout.key(makeQualified(path));
  }

  /** What the rules say of a path. */
  final Name name(Path path) {
    return layout.name(key(path));
  }

  /** Where a path is as a folder. */
  final Place place(Path path) throws IOException {
    return layout.place(name(path));
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

  /** Hadoop's own takes buckets whose names differ in case for one. */
  @Override
  protected void checkPath(Path path) {
    super.checkPath(path);
    String bucket = path.toUri().getAuthority();
    if (bucket != null && !bucket.equals(uri.getAuthority())) {
      throw new IllegalArgumentException("Wrong FS: " + path + ", expected: " + uri);
    }
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

  /**
   * The stores, whose tokens are to be had.
   *
   * <p>They are no child file systems: Hadoop's shell would empty those one by one, by their own
   * names, in place of the logical bucket's trash.
   */
  @Override
  public DelegationTokenIssuer[] getAdditionalTokenIssuers() throws IOException {
    return layout.allStores();
  }
}
