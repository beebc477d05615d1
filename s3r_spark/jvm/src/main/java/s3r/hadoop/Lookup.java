package s3r.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import org.apache.hadoop.fs.FileStatus;

/** What is at a name, whoever has it. */
final class Lookup {
  private final Layout layout;
  private final Listing listing;

  Lookup(Layout layout, Listing listing) {
    this.layout = layout;
    this.listing = listing;
  }

  /** Whether one store's own answer is the answer: one has all, and it is no root to S3A only. */
  boolean isPlain(Name name) throws IOException {
    if (!name.isUniform() || name.isTwofold()) {
      return false;
    }
    return name.owner().isIdentity()
        || !(name.key().isEmpty() || name.isFolderOnly() || layout.place(name).isStoreRoot());
  }

  /**
   * Whether one store may do what concerns a name as a whole, as a rename: S3A would take a file
   * that lies where a routed folder is for that name, if there is one.
   */
  boolean isWhole(String key) throws IOException {
    return isWhole(layout.name(key));
  }

  /** Whether one store may do what concerns a name as a whole. */
  boolean isWhole(Name name) throws IOException {
    if (isPlain(name)) {
      return true;
    }
    return name.isUniform()
        && !layout.place(name).isStoreRoot()
        && !layout.place(name).run((fs, path) -> fs.isFile(path))
        && !isElsewhere(name);
  }

  /** Whether there is a file of a name in another place than that of a folder. */
  boolean isElsewhere(Name name) throws IOException {
    return name.isTwofold() && layout.placeAsFile(name).run((fs, path) -> fs.isFile(path));
  }

  /**
   * The status of a name.
   *
   * @throws FileNotFoundException there is nothing
   */
  FileStatus status(String key) throws IOException {
    return status(layout.name(key));
  }

  /**
   * The status of a name: of the file, if there is one, or of the folder.
   *
   * @throws FileNotFoundException there is nothing
   */
  FileStatus status(Name name) throws IOException {
    if (isPlain(name) || isElsewhere(name)) {
      Place place = layout.placeAsFile(name);
      return layout.logical(place.rule(), place.run((fs, path) -> fs.getFileStatus(path)));
    }
    String key = name.key();
    FileStatus found = null;
    if (!key.isEmpty() && name.folder() != null) {
      found = ofOwner(name);
    }
    if (found == null && (key.isEmpty() || isAnythingBelow(name))) {
      found = layout.directory(key);
    }
    if (found == null) {
      name.owner(); // says why, where it is refused
      throw listing.missing(key);
    }
    return found;
  }

  /** Whether a name has an owner, and is not only a folder on the way to others'. */
  boolean isOwned(String key) {
    return layout.name(key).folder() != null;
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
  boolean isAnythingBelow(Name name) throws IOException {
    String key = name.key();
    for (Rule rule : layout.parts(key)) {
      String top = layout.isAbove(key, rule) ? layout.head(rule) : key;
      if (rule != name.folder() && listing.isThere(rule, top)) {
        return true;
      }
    }
    return false;
  }

  /** What the owner has; null: nothing, or only what others shadow. */
  private FileStatus ofOwner(Name name) throws IOException {
    String key = name.key();
    Place place = layout.place(name);
    if (place.isStoreRoot()) {
      return layout.directory(key); // S3A says that a bucket's root is always there
    }
    FileStatus status;
    try {
      status = place.run((fs, path) -> fs.getFileStatus(path));
    } catch (FileNotFoundException missing) {
      return null;
    }
    if (status.isFile() && name.file() != place.rule()) {
      return listing.isThere(place.rule(), key) ? layout.directory(key) : null;
    }
    boolean shows = status.isFile() || name.isUniform() || listing.shows(place.rule(), key);
    return shows ? layout.logical(place.rule(), status) : null;
  }
}
