package s3r.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Function;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.s3a.S3ALocatedFileStatus;
import org.apache.hadoop.util.functional.RemoteIterators;

/**
 * What is in a folder, whoever has it.
 *
 * <p>A folder that belongs to one rule is that store's own listing, renamed as it goes by. One that
 * spans stores is their listings one after the other, without what other rules shadow; a store's
 * pages are fetched as they are needed. Only names of subfolders that span too are remembered,
 * since several stores may have them.
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
    layout.routes().checkAllBelow(key);
    List<Rule> parts = parts(key);
    boolean spans = !layout.isUniform(key);
    List<RemoteIterator<S>> found = new ArrayList<>();
    FileNotFoundException missing = null;
    for (Rule rule : parts) {
      Place place = layout.place(rule, layout.isAbove(key, rule) ? layout.head(rule) : key);
      try {
        found.add(renamed(place, place.run((fs, path) -> lister.list(place)), spans));
      } catch (FileNotFoundException notHere) {
        missing = notHere;
      }
    }
    if (found.isEmpty() && !key.isEmpty()) {
      throw spans || missing == null ? missing(key) : missing;
    }
    return found.size() == 1 ? found.get(0) : joined(found);
  }

  private <S extends FileStatus> RemoteIterator<S> children(
      String key, Lister<S> lister, Function<FileStatus, S> asListed) throws IOException {
    layout.routes().checkAllBelow(key);
    List<Rule> parts = parts(key);
    boolean spans = !layout.isUniform(key);
    List<RemoteIterator<S>> found = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    FileNotFoundException missing = null;
    for (Rule rule : parts) {
      try {
        if (layout.isAbove(key, rule)) {
          String child = childOnTheWay(key, rule);
          if (!seen.contains(child) && exists(layout.place(rule, layout.head(rule)))) {
            seen.add(child);
            S status = asListed.apply(layout.directory(child));
            found.add(RemoteIterators.remoteIteratorFromSingleton(status));
          }
        } else {
          Place place = layout.place(rule, key);
          RemoteIterator<S> listed =
              renamed(place, place.run((fs, path) -> lister.list(place)), spans);
          found.add(
              spans
                  ? RemoteIterators.filteringRemoteIterator(listed, s -> isFirst(s, seen))
                  : listed);
        }
      } catch (FileNotFoundException notHere) {
        missing = notHere;
      }
    }
    if (found.isEmpty() && !key.isEmpty()) {
      throw spans || missing == null ? missing(key) : missing;
    }
    return found.size() == 1 ? found.get(0) : joined(found);
  }

  /** Whether anything is at a place; the root of a bucket is there where something is in it. */
  boolean exists(Place place) throws IOException {
    try {
      return place.isStoreRoot()
          ? place.run((fs, path) -> fs.listStatusIterator(path).hasNext())
          : place.run((fs, path) -> fs.exists(path));
    } catch (FileNotFoundException missing) {
      return false;
    }
  }

  FileNotFoundException missing(String key) {
    return new FileNotFoundException("No such file or directory: " + layout.path(key));
  }

  /** The rules of a folder; its owner must not be one that is refused. */
  private List<Rule> parts(String key) throws IOException {
    List<Rule> parts = layout.parts(key);
    if (parts.isEmpty()) {
      layout.routes().owner(key); // says why
    }
    return parts;
  }

  /** The first folder on the way from a folder down to a rule's head. */
  private static String childOnTheWay(String key, Rule rule) {
    int from = Routes.folder(key).length();
    return rule.head().substring(0, rule.head().indexOf('/', from));
  }

  private <S extends FileStatus> RemoteIterator<S> renamed(
      Place place, RemoteIterator<? extends S> listed, boolean spans) {
    Rule rule = place.rule();
    RemoteIterator<S> all = named(place, listed);
    RemoteIterator<S> visible =
        spans ? RemoteIterators.filteringRemoteIterator(all, s -> layout.isVisible(rule, s)) : all;
    return RemoteIterators.mappingRemoteIterator(visible, s -> layout.logical(rule, s));
  }

  /** A listing whose later pages fail as its first does: under the logical name. */
  private static <S> RemoteIterator<S> named(Place place, RemoteIterator<? extends S> listed) {
    return new RemoteIterator<>() {
      @Override
      public boolean hasNext() throws IOException {
        return place.run((fs, path) -> listed.hasNext());
      }

      @Override
      public S next() throws IOException {
        return place.run((fs, path) -> listed.next());
      }
    };
  }

  /** Whether a listed subfolder was not yet listed by another rule. */
  private boolean isFirst(FileStatus status, Set<String> seen) {
    if (!status.isDirectory()) {
      return true;
    }
    String key = layout.key(status.getPath());
    return layout.isUniform(key) || seen.add(key);
  }

  private static <S> RemoteIterator<S> joined(List<RemoteIterator<S>> parts) {
    Iterator<RemoteIterator<S>> rest = parts.iterator();
    return new RemoteIterator<>() {
      private RemoteIterator<S> current;

      @Override
      public boolean hasNext() throws IOException {
        while (current == null || !current.hasNext()) {
          if (!rest.hasNext()) {
            return false;
          }
          current = rest.next();
        }
        return true;
      }

      @Override
      public S next() throws IOException {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return current.next();
      }
    };
  }
}
