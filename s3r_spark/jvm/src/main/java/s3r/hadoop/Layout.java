package s3r.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * One logical bucket: its names, where they are, and the file systems of the stores that have them.
 *
 * <p>Names are keys without a slash at either end; the root is empty.
 */
final class Layout {
  private final URI uri;
  private final Routes routes;
  private final Configuration conf;
  private final Stores stores;
  private final String user;

  Layout(URI uri, Configuration conf, Stores stores) {
    this.uri = uri;
    this.conf = conf;
    this.routes = Profiles.of(conf).routes(uri.getAuthority());
    this.stores = stores;
    this.user = stores.user();
  }

  Routes routes() {
    return routes;
  }

  /** The user that everything belongs to, as S3A has it. */
  String user() {
    return user;
  }

  /** The name of a qualified path. */
  String key(Path path) {
    return Routes.stripped(path.toUri().getPath());
  }

  /** The logical path of a name. */
  Path path(String key) {
    return new Path(uri.getScheme(), uri.getAuthority(), "/" + key);
  }

  /** What the rules say of a name. */
  Name name(String key) {
    return routes.name(key);
  }

  /** What the rules say of the folder that a name is in. */
  Name parent(Name name) {
    return name(name.key().substring(0, Math.max(0, name.key().lastIndexOf('/'))));
  }

  /**
   * Where a name is as a folder: so too where it is a file, but for few.
   *
   * @throws PathIOException it is refused
   */
  Place place(String key) throws IOException {
    return place(name(key));
  }

  /**
   * Where a name is as a folder.
   *
   * @throws PathIOException it is refused
   */
  Place place(Name name) throws IOException {
    return place(name.owner(), name.key());
  }

  /**
   * Where a file of a name is; where a folder is, if only that can have it.
   *
   * @throws PathIOException it is refused
   */
  Place placeAsFile(Name name) throws IOException {
    Rule owner = name.owner();
    return place(name.file() == null ? owner : name.file(), name.key());
  }

  /**
   * Where a file may be written.
   *
   * @throws PathIOException the name is refused, or that of a routed folder: to those who know no
   *     folders, as boto3, a file of that name is elsewhere
   */
  Place placeOfFile(Name name) throws IOException {
    Place place = placeAsFile(name);
    if (name.isFolderOnly()) {
      throw new PathIOException(path(name.key()).toString(), onlyFolder(place));
    }
    return place;
  }

  /**
   * Where a file may be read.
   *
   * @throws FileNotFoundException only a folder can have the name
   * @throws PathIOException the name is refused
   */
  Place placeToRead(Name name) throws IOException {
    Place place = placeAsFile(name);
    if (name.isFolderOnly()) {
      throw new FileNotFoundException(path(name.key()) + ": " + onlyFolder(place));
    }
    return place;
  }

  private static String onlyFolder(Place place) {
    return place.rule() + " takes the folder of this name, so that a file can't have it";
  }

  /** Where a rule would have a name that lies at or below its head. */
  Place place(Rule rule, String key) throws IOException {
    Lease lease = lease(rule);
    String scheme = lease.store().getUri().getScheme();
    Path physical = new Path(scheme, rule.bucket, "/" + physical(rule, key));
    return new Place(rule, path(key), lease, physical);
  }

  /**
   * Whether a name as a folder is the root of a physical bucket.
   *
   * @throws PathIOException it is refused
   */
  boolean isStoreRoot(Name name) throws PathIOException {
    return physical(name.owner(), name.key()).isEmpty();
  }

  private static String physical(Rule rule, String key) {
    return Routes.stripped(rule.physical(Routes.folder(key)));
  }

  /** Whether all names below a folder are one rule's. */
  boolean isUniform(String key) {
    return name(key).isUniform();
  }

  /** Whether a rule is among those that can have names at or below a folder. */
  boolean isPart(Rule rule, String key) {
    return routes.isPart(rule, key);
  }

  /**
   * Refuses to change a file that may only be read.
   *
   * @param what is to be done, as the error says it
   */
  void checkFileChange(Name name, String what) throws IOException {
    Rule owner = name.owner();
    checkChange(name.file() == null ? owner : name.file(), name.key(), what);
  }

  /** Refuses to change a name that a rule has, where it may only be read. */
  void checkChange(Rule rule, String key, String what) throws AccessDeniedException {
    if (rule.readOnly) {
      String whose = rule.isIdentity() ? "client '" + rule.client + "'" : rule.toString();
      throw new AccessDeniedException(
          path(key).toString(), null, whose + " has access: read: " + what + " was not sent");
    }
  }

  List<Rule> parts(String key) {
    return routes.parts(key);
  }

  /** Whether a rule's patterns leave a folder to others and begin somewhere below. */
  boolean isAbove(String key, Rule rule) {
    String folder = Routes.folder(key);
    return rule.head().length() > folder.length();
  }

  /** The name of a rule's head. */
  String head(Rule rule) {
    return Routes.stripped(rule.head());
  }

  /** The status of what is at a place, under its logical name. */
  <S extends FileStatus> S logical(Place place, S status) {
    if (!status.getPath().equals(place.path())) {
      return logical(place.rule(), status);
    }
    status.setPath(place.logical());
    return status;
  }

  /** A store's status under its logical name; its type, and so its etag, stays. */
  <S extends FileStatus> S logical(Rule rule, S status) {
    status.setPath(path(name(rule, status)));
    return status;
  }

  /** The logical name of what a store has. */
  String name(Rule rule, FileStatus status) {
    String physical = Routes.stripped(status.getPath().toUri().getPath());
    return Routes.stripped(rule.logical(Routes.folder(physical)));
  }

  /**
   * Whether a file, or what marks a folder, is what its logical name stands for: no other rule's,
   * and no file that lies where a rule has a folder.
   */
  boolean isVisible(Rule rule, FileStatus status) {
    Name name = name(name(rule, status));
    return rule == (status.isDirectory() ? name.folder() : name.file());
  }

  /** A folder that is there because names below it are. */
  FileStatus directory(String key) {
    long now = System.currentTimeMillis(); // as S3A says of its own
    return new FileStatus(
        0, true, 1, 0, now, now, FsPermission.getDirDefault(), user, user, path(key));
  }

  /** The file system of a rule's client. */
  StoreFileSystem store(Rule rule) throws IOException {
    return lease(rule).store();
  }

  private Lease lease(Rule rule) throws IOException {
    if (!rule.isHostName()) {
      throw new PathIOException(
          uri.toString(), "S3A can't reach the bucket '" + rule.bucket + "': it is no host name");
    }
    try {
      return stores.of(rule.client, rule.bucket);
    } catch (IllegalArgumentException wrong) {
      throw new IOException(uri + ": " + wrong.getMessage(), wrong);
    } catch (IOException error) {
      throw Errors.named(error, path(""), Where.of(rule, path(""), conf));
    }
  }

  /** The file systems of all clients that the bucket's names are on. */
  FileSystem[] allStores() throws IOException {
    Set<FileSystem> all = new LinkedHashSet<>();
    for (Rule rule : parts("")) {
      all.add(store(rule));
    }
    return all.toArray(new FileSystem[0]);
  }
}
