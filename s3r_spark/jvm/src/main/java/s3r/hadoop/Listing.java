package s3r.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.s3a.S3ALocatedFileStatus;
import org.apache.hadoop.util.functional.CallableRaisingIOE;
import org.apache.hadoop.util.functional.FunctionRaisingIOE;
import org.apache.hadoop.util.functional.RemoteIterators;

/**
 * What is in a folder, whoever has it.
 *
 * <p>A folder that belongs to one rule is that store's own listing, renamed as it goes by. One that
 * spans stores is their listings one after the other, without what other rules shadow and what has
 * no logical name; a store is asked, page by page, when the listing has come to it. A subfolder
 * that spans too is looked into, since all that a store has there may be others', and its name is
 * remembered, since several stores may have it.
 */
final class Listing {
  private final Layout layout;

  Listing(Layout layout) {
    this.layout = layout;
  }

  /** One of a store's own listings. */
  @FunctionalInterface
  interface Lister<S> {
    RemoteIterator<? extends S> list(Place place) throws IOException;
  }

  RemoteIterator<FileStatus> children(String key) throws IOException {
    return children(key, at -> at.fs().listStatusIterator(at.path()), status -> status);
  }

  RemoteIterator<LocatedFileStatus> locatedChildren(String key) throws IOException {
    return children(
        key,
        at -> at.fs().listLocatedStatus(at.path()),
        status -> new LocatedFileStatus(status, null));
  }

  /** All files below a folder, or the file itself. */
  RemoteIterator<LocatedFileStatus> files(String key) throws IOException {
    return below(key, at -> at.fs().listFiles(at.path(), true));
  }

  /** The files in a folder that belongs to one rule. */
  RemoteIterator<LocatedFileStatus> filesHere(String key) throws IOException {
    return below(key, at -> at.fs().listFiles(at.path(), false));
  }

  /** All files below a folder, and the folders that have nothing in them. */
  RemoteIterator<S3ALocatedFileStatus> filesAndEmptyFolders(String key) throws IOException {
    return below(key, at -> at.fs().listFilesAndEmptyDirectories(at.path(), true));
  }

  /** Whether a folder has anything in it. */
  boolean isEmpty(String key) throws IOException {
    return !children(key).hasNext();
  }

  private <S extends FileStatus> RemoteIterator<S> below(String key, Lister<S> lister)
      throws IOException {
    Part<S> part =
        rule -> {
          Place place = layout.place(rule, layout.isAbove(key, rule) ? layout.head(rule) : key);
          return listed(key, place, lister, status -> layout.isVisible(rule, status));
        };
    return folderOrFile(key, lister, part);
  }

  private <S extends FileStatus> RemoteIterator<S> children(
      String key, Lister<S> lister, Function<FileStatus, S> asListed) throws IOException {
    Set<String> seen = new HashSet<>();
    Part<S> part =
        rule -> {
          if (!layout.isAbove(key, rule)) {
            Place place = layout.place(rule, key);
            return listed(key, place, lister, status -> isShown(rule, status, seen));
          }
          String child = childOnTheWay(key, rule);
          if (seen.contains(child) || !isThere(rule, layout.head(rule))) {
            return null;
          }
          seen.add(child);
          return RemoteIterators.remoteIteratorFromSingleton(
              asListed.apply(layout.directory(child)));
        };
    return folderOrFile(key, lister, part);
  }

  /** What is in a folder; where there is none, the file that another store has of its name. */
  private <S extends FileStatus> RemoteIterator<S> folderOrFile(
      String key, Lister<S> lister, Part<S> part) throws IOException {
    try {
      return gathered(key, part);
    } catch (FileNotFoundException missing) {
      Name name = layout.name(key);
      if (!name.isTwofold()) {
        throw missing;
      }
      Place file = layout.placeAsFile(name);
      if (!file.run((fs, path) -> fs.isFile(path))) {
        throw missing;
      }
      return listed(key, file, lister, status -> layout.isVisible(file.rule(), status));
    }
  }

  /** What a store lists in a folder, under its logical names. */
  private <S extends FileStatus> RemoteIterator<S> listed(
      String key, Place place, Lister<S> lister, FunctionRaisingIOE<FileStatus, Boolean> shown)
      throws IOException {
    RemoteIterator<S> all = Listings.named(place, place.run((fs, path) -> lister.list(place)));
    return RemoteIterators.mappingRemoteIterator(
        isSifted(key) ? RemoteIterators.filteringRemoteIterator(all, shown) : all,
        status -> layout.logical(place.rule(), status));
  }

  /** What one rule has in a folder; null: nothing. */
  @FunctionalInterface
  private interface Part<S> {
    RemoteIterator<S> of(Rule rule) throws IOException;
  }

  /** The parts of a folder, one after the other. */
  private <S extends FileStatus> RemoteIterator<S> gathered(String key, Part<S> part)
      throws IOException {
    layout.routes().checkAllBelow(key);
    List<Rule> parts = layout.parts(key);
    if (parts.isEmpty()) {
      layout.routes().owner(key); // says why
    }
    if (!key.isEmpty() && parts.size() == 1 && !isSifted(key)) {
      return part.of(parts.get(0));
    }
    List<CallableRaisingIOE<RemoteIterator<S>>> all = new ArrayList<>();
    parts.forEach(rule -> all.add(() -> part.of(rule)));
    Listings.Joined<S> joined = new Listings.Joined<>(all);
    if (joined.hasNext() || key.isEmpty() || (joined.isAnyThere() && isThereThough(key))) {
      return joined;
    }
    throw missing(key);
  }

  /** Whether a store may have names in a folder that are others', or nobody's. */
  private boolean isSifted(String key) throws PathIOException {
    Name name = layout.name(key);
    return !name.isUniform() || (!key.isEmpty() && name.file() != name.owner());
  }

  /** Whether a folder without a visible name in it is there: by what marks it, or as a root. */
  private boolean isThereThough(String key) throws IOException {
    for (Rule rule : layout.parts(key)) {
      if (!layout.isAbove(key, rule) && layout.routes().isOwner(rule, key)) {
        return layout.place(rule, key).isStoreRoot() || isThere(rule, key);
      }
    }
    return false;
  }

  /** Whether what a rule's store lists in a folder is to be seen; a folder only once. */
  private boolean isShown(Rule rule, FileStatus status, Set<String> seen) throws IOException {
    if (status.isFile()) {
      return layout.isVisible(rule, status);
    }
    String key = layout.name(rule, status);
    if (!layout.isPart(rule, key)) {
      return false;
    }
    if (layout.isUniform(key)) {
      return true;
    }
    return !seen.contains(key) && shows(rule, key) && seen.add(key);
  }

  /** Whether a rule's store has a folder that is to be seen. */
  boolean isThere(Rule rule, String key) throws IOException {
    Place place = layout.place(rule, key);
    try {
      if (!layout.isUniform(key)) {
        return (place.isStoreRoot() || place.run((fs, path) -> fs.isDirectory(path)))
            && shows(rule, key);
      }
      return place.isStoreRoot()
          ? place.run((fs, path) -> fs.listStatusIterator(path).hasNext())
          : place.run((fs, path) -> fs.isDirectory(path));
    } catch (FileNotFoundException missing) {
      return false;
    }
  }

  /**
   * Whether a folder that a rule's store has, and that spans, is to be seen: something in it is, or
   * it is marked as a folder.
   */
  boolean shows(Rule rule, String key) throws IOException {
    Place place = layout.place(rule, key);
    RemoteIterator<S3ALocatedFileStatus> here;
    try {
      here = place.run((fs, path) -> fs.listFilesAndEmptyDirectories(path, false));
    } catch (FileNotFoundException missing) {
      return false;
    }
    while (here.hasNext()) {
      FileStatus status = here.next();
      String name = layout.name(rule, status);
      boolean isItself = name.equals(key);
      if (status.isFile() || isItself) {
        if (status.isDirectory() == isItself && layout.isVisible(rule, status)) {
          return true;
        }
      } else if (layout.isPart(rule, name) && (layout.isUniform(name) || shows(rule, name))) {
        return true;
      }
    }
    return false;
  }

  FileNotFoundException missing(String key) {
    return new FileNotFoundException("No such file or directory: " + layout.path(key));
  }

  /** The first folder on the way from a folder down to a rule's head. */
  private static String childOnTheWay(String key, Rule rule) {
    int from = Routes.folder(key).length();
    return rule.head().substring(0, rule.head().indexOf('/', from));
  }
}
