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
    return place.rule().isIdentity() || !(key.isEmpty() || place.isStoreRoot());
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
    if (!key.isEmpty() && layout.parts(key).contains(ownerOrNull(key))) {
      found = ofOwner(layout.place(key));
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
      Place place = layout.place(rule, layout.isAbove(key, rule) ? layout.head(rule) : key);
      if ((rule != owner || place.isStoreRoot()) && listing.exists(place)) {
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

  private FileStatus ofOwner(Place place) throws IOException {
    if (place.isStoreRoot()) {
      return null; // S3A says that a bucket's root is there, whether or not anything is
    }
    try {
      return layout.logical(place.rule(), place.run((fs, path) -> fs.getFileStatus(path)));
    } catch (FileNotFoundException missing) {
      return null;
    }
  }
}
