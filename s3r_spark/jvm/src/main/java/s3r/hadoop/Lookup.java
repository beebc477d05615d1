package s3r.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.PathIOException;

/** What is at a name, whoever has it. */
final class Lookup {
  private final Layout layout;
  private final Listing listing;

  Lookup(Layout layout, Listing listing) {
    this.layout = layout;
    this.listing = listing;
  }

  /** Whether one store's own answer is the answer: one has all, and it is no root to S3A only. */
  boolean isPlain(String key) throws IOException {
    if (!layout.isUniform(key)) {
      return false;
    }
    Place place = layout.place(key);
    return place.rule().isIdentity()
        || !(key.isEmpty() || place.isStoreRoot() || layout.isFolderOnly(key));
  }

  /**
   * Whether one store may do what concerns a name as a whole, as a rename: S3A would take a file
   * that lies where a routed folder is for that name, if there is one.
   */
  boolean isWhole(String key) throws IOException {
    if (isPlain(key)) {
      return true;
    }
    return layout.isUniform(key)
        && !layout.place(key).isStoreRoot()
        && !layout.place(key).run((fs, path) -> fs.isFile(path));
  }

  /**
   * The status of a name.
   *
   * @throws FileNotFoundException there is nothing
   */
  FileStatus status(String key) throws IOException {
    if (isPlain(key)) {
      Place place = layout.place(key);
      return layout.logical(place.rule(), place.run((fs, path) -> fs.getFileStatus(path)));
    }
    FileStatus found = null;
    if (!key.isEmpty() && isOwned(key)) {
      found = ofOwner(key);
    }
    if (found == null && (key.isEmpty() || isAnythingBelow(key))) {
      found = layout.directory(key);
    }
    if (found == null) {
      layout.routes().owner(key); // says why, where it is refused
      throw listing.missing(key);
    }
    return found;
  }

  /** Whether a name has an owner, and is not only a folder on the way to others'. */
  boolean isOwned(String key) {
    return layout.parts(key).contains(ownerOrNull(key));
  }

  /** The status of a name; null: there is nothing. */
  FileStatus statusOrNull(String key) throws IOException {
    try {
      return status(key);
    } catch (FileNotFoundException missing) {
      return null;
    }
  }

  /** Whether a folder that spans stores has names in it that its owner does not tell of. */
  boolean isAnythingBelow(String key) throws IOException {
    Rule owner = ownerOrNull(key);
    for (Rule rule : layout.parts(key)) {
      String top = layout.isAbove(key, rule) ? layout.head(rule) : key;
      if (rule != owner && listing.isThere(rule, top)) {
        return true;
      }
    }
    return false;
  }

  private Rule ownerOrNull(String key) {
    try {
      return layout.routes().owner(key);
    } catch (PathIOException refused) {
      return null;
    }
  }

  /** What the owner has; null: nothing, or only what others shadow. */
  private FileStatus ofOwner(String key) throws IOException {
    Place place = layout.place(key);
    if (place.isStoreRoot()) {
      return layout.directory(key); // S3A says that a bucket's root is always there
    }
    FileStatus status;
    try {
      status = place.run((fs, path) -> fs.getFileStatus(path));
    } catch (FileNotFoundException missing) {
      return null;
    }
    if (status.isFile() && layout.isFolderOnly(key)) {
      return listing.isThere(place.rule(), key) ? layout.directory(key) : null;
    }
    boolean shows = status.isFile() || layout.isUniform(key) || listing.shows(place.rule(), key);
    return shows ? layout.logical(place.rule(), status) : null;
  }
}
