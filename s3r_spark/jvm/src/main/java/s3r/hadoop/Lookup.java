package s3r.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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
        || !(name.key().isEmpty() || name.isFolderOnly() || layout.isStoreRoot(name));
  }

  /**
   * Whether one store may do what concerns a name as a whole, as a rename: S3A would take a file
   * that lies where a routed folder is for that name, if there is one.
   */
  boolean isWhole(Name name) throws IOException {
    if (isPlain(name)) {
      return true;
    }
    return name.isUniform()
        && !layout.isStoreRoot(name)
        && !layout.place(name).run((fs, path) -> fs.isFile(path))
        && !isElsewhere(name);
  }

  /** Whether there is a file of a name in another place than that of a folder. */
  boolean isElsewhere(Name name) throws IOException {
    return name.isTwofold() && layout.placeAsFile(name).run((fs, path) -> fs.isFile(path));
  }

  /**
   * The status of a name: of the file, if there is one, or of the folder.
   *
   * @throws FileNotFoundException there is nothing
   */
  FileStatus status(Name name) throws IOException {
    if (isPlain(name)) {
      Place place = layout.place(name);
      return layout.logical(place, place.run((fs, path) -> fs.getFileStatus(path)));
    }
    FileStatus file = fileOrNull(name);
    if (file != null) {
      return file;
    }
    if (isFolder(name)) {
      return layout.directory(name.key());
    }
    name.owner(); // says why, where it is refused
    throw listing.missing(name.key());
  }

  /** The status of a name; null: there is nothing. */
  FileStatus statusOrNull(Name name) throws IOException {
    try {
      return status(name);
    } catch (FileNotFoundException missing) {
      return null;
    }
  }

  /** The status of a file, by one request at most; null: there is none of that name. */
  FileStatus fileOrNull(Name name) throws IOException {
    if (name.file() == null || name.key().isEmpty()) {
      return null;
    }
    Place place = layout.placeAsFile(name);
    FileStatus status = place.isStoreRoot() ? null : place.run(StoreFileSystem::fileOrNull);
    return status == null ? null : layout.logical(place, status);
  }

  /** Whether there is a folder of a name, with anything to be seen in it, or marked as one. */
  boolean isFolder(Name name) throws IOException {
    Rule owner = name.folder();
    return name.key().isEmpty()
        || (owner != null && layout.isStoreRoot(name)) // always there, S3A says
        || (owner != null && listing.isThere(owner, name.key()))
        || isAnythingBelow(name);
  }

  /** Whether a folder that spans stores has names in it that its owner does not tell of. */
  boolean isAnythingBelow(Name name) throws IOException {
    String key = name.key();
    List<Rule> others = new ArrayList<>(layout.parts(key));
    others.remove(name.folder());
    return Ahead.any(
        others, rule -> listing.isThere(rule, layout.isAbove(key, rule) ? layout.head(rule) : key));
  }
}
