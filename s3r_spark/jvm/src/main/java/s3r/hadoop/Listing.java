package s3r.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.s3a.S3AFileStatus;
import org.apache.hadoop.fs.s3a.S3ALocatedFileStatus;
import org.apache.hadoop.util.functional.RemoteIterators;

/**
 * What is in a folder, whoever has it.
 *
 * <p>A folder that belongs to one rule is that store's own listing, renamed as it goes by. One that
 * spans stores is their listings one after the other, without what other rules shadow and what has
 * no logical name; a store is asked, page by page, when the listing has come to it or nearly so. A
 * subfolder that spans too is looked into, since all that a store has there may be others', and its
 * name is remembered, since several stores may have it.
 */
final class Listing {
  private final Layout layout;

  Listing(Layout layout) {
    this.layout = layout;
  }

  /** One of a store's listings. */
  @FunctionalInterface
  private interface Lister<S> {
    RemoteIterator<S> list(StoreFileSystem fs, Path path) throws IOException;
  }

  /** How what a store lists becomes what was asked for. */
  @FunctionalInterface
  private interface Form<S> {
    RemoteIterator<? extends S> of(StoreFileSystem fs, RemoteIterator<S3AFileStatus> listed);
  }

  /**
   * A kind of listing.
   *
   * @param own S3A's, which says of a folder whether it is there
   * @param part the same of what may not be there, by one request a page
   */
  private record Kind<S>(Lister<S> own, Lister<S3AFileStatus> part, Form<S> form) {}

  private static final Kind<FileStatus> CHILDREN =
      new Kind<>(StoreFileSystem::listStatusIterator, StoreFileSystem::children, (fs, all) -> all);
  private static final Kind<LocatedFileStatus> LOCATED_CHILDREN =
      new Kind<>(
          StoreFileSystem::listLocatedStatus, StoreFileSystem::children, StoreFileSystem::located);
  private static final Kind<LocatedFileStatus> FILES =
      new Kind<>(
          (fs, path) -> fs.listFiles(path, true),
          (fs, path) -> RemoteIterators.filteringRemoteIterator(fs.below(path), FileStatus::isFile),
          StoreFileSystem::located);
  private static final Kind<LocatedFileStatus> FILES_HERE =
      new Kind<>(
          (fs, path) -> fs.listFiles(path, false),
          (fs, path) ->
              RemoteIterators.filteringRemoteIterator(fs.children(path), FileStatus::isFile),
          StoreFileSystem::located);
  private static final Kind<S3ALocatedFileStatus> FILES_AND_EMPTY_FOLDERS =
      new Kind<>(
          (fs, path) -> fs.listFilesAndEmptyDirectories(path, true),
          StoreFileSystem::below,
          StoreFileSystem::located);

  RemoteIterator<FileStatus> children(Name name) throws IOException {
    return children(name, CHILDREN, status -> status);
  }

  RemoteIterator<LocatedFileStatus> locatedChildren(Name name) throws IOException {
    return children(name, LOCATED_CHILDREN, status -> new LocatedFileStatus(status, null));
  }

  /** All files below a folder, or the file itself. */
  RemoteIterator<LocatedFileStatus> files(Name name) throws IOException {
    return folderOrFile(name, FILES, rule -> visible(top(name, rule), FILES));
  }

  /** The files in a folder, or the file itself. */
  RemoteIterator<LocatedFileStatus> filesHere(Name name) throws IOException {
    return folderOrFile(
        name,
        FILES_HERE,
        rule ->
            layout.isAbove(name.key(), rule)
                ? null
                : visible(layout.place(rule, name.key()), FILES_HERE));
  }

  /** All files below a folder, and the folders that have nothing in them. */
  RemoteIterator<S3ALocatedFileStatus> filesAndEmptyFolders(Name name) throws IOException {
    return folderOrFile(
        name, FILES_AND_EMPTY_FOLDERS, rule -> visible(top(name, rule), FILES_AND_EMPTY_FOLDERS));
  }

  /** Whether a folder has anything in it. */
  boolean isEmpty(Name name) throws IOException {
    return !children(name).hasNext();
  }

  /**
   * A part of a folder: where one rule has names of it, and all that its store has there, under its
   * physical names.
   */
  record Part(Place top, RemoteIterator<S3AFileStatus> entries) {
    static Part of(Place top) throws IOException {
      return new Part(top, top.run(StoreFileSystem::below));
    }
  }

  /** The parts of a folder with all that is below it. */
  Ahead<Rule, Part> parts(Name name) {
    return new Ahead<>(
        RemoteIterators.remoteIteratorFromIterable(layout.parts(name.key())),
        rule -> false,
        rule -> Part.of(top(name, rule)));
  }

  /** Where a rule begins to have names of a folder. */
  private Place top(Name name, Rule rule) throws IOException {
    return layout.place(rule, layout.isAbove(name.key(), rule) ? layout.head(rule) : name.key());
  }

  /** What is to be seen of what a store lists of its files and of what marks its folders. */
  private <S extends FileStatus> RemoteIterator<S> visible(Place place, Kind<S> kind)
      throws IOException {
    return listed(
        place,
        kind,
        RemoteIterators.filteringRemoteIterator(
            raw(place, kind), status -> layout.isVisible(place.rule(), status)));
  }

  private static RemoteIterator<S3AFileStatus> raw(Place place, Kind<?> kind) throws IOException {
    return Listings.named(place, place.run(kind.part::list));
  }

  private <S extends FileStatus> RemoteIterator<S> children(
      Name name, Kind<S> kind, Function<FileStatus, S> asListed) throws IOException {
    Set<String> seen = ConcurrentHashMap.newKeySet();
    return folderOrFile(
        name,
        kind,
        rule ->
            layout.isAbove(name.key(), rule)
                ? childOnTheWay(name, rule, seen, asListed)
                : childrenOf(layout.place(rule, name.key()), kind, seen));
  }

  private <S extends FileStatus> RemoteIterator<S> childrenOf(
      Place place, Kind<S> kind, Set<String> seen) throws IOException {
    Rule rule = place.rule();
    RemoteIterator<Child> children =
        RemoteIterators.filteringRemoteIterator(
            RemoteIterators.mappingRemoteIterator(raw(place, kind), status -> child(rule, status)),
            Objects::nonNull);
    RemoteIterator<Child> shown =
        new Ahead<>(
            children,
            child -> child.spanning == null,
            child -> child.spanning == null || shows(rule, child.spanning, seen) ? child : null);
    return listed(
        place,
        kind,
        RemoteIterators.mappingRemoteIterator(
            RemoteIterators.filteringRemoteIterator(
                shown,
                child -> child != null && (child.spanning == null || seen.add(child.spanning))),
            Child::status));
  }

  /**
   * What a store has in a folder.
   *
   * @param spanning the name of a folder that spans stores, which may have nothing to be seen in it
   *     and be in others too; null: it is none
   */
  private record Child(S3AFileStatus status, String spanning) {}

  /** What a rule's store has in a folder; null: it is not to be seen. */
  private Child child(Rule rule, S3AFileStatus status) {
    if (status.isFile()) {
      return layout.isVisible(rule, status) ? new Child(status, null) : null;
    }
    String key = layout.name(rule, status);
    if (!layout.isPart(rule, key)) {
      return null;
    }
    return new Child(status, layout.isUniform(key) ? null : key);
  }

  private boolean shows(Rule rule, String key, Set<String> seen) throws IOException {
    return !seen.contains(key) && shows(rule, key);
  }

  /** The first folder on the way from a folder down to a rule's head, if anything is there. */
  private <S> RemoteIterator<S> childOnTheWay(
      Name name, Rule rule, Set<String> seen, Function<FileStatus, S> asListed) throws IOException {
    int from = Routes.folder(name.key()).length();
    String child = rule.head().substring(0, rule.head().indexOf('/', from));
    if (seen.contains(child) || !isThere(rule, layout.head(rule))) {
      return null;
    }
    return RemoteIterators.filteringRemoteIterator(
        RemoteIterators.remoteIteratorFromSingleton(asListed.apply(layout.directory(child))),
        folder -> seen.add(child));
  }

  /** What one rule has in a folder; null: nothing. */
  @FunctionalInterface
  private interface Of<S> {
    RemoteIterator<S> rule(Rule rule) throws IOException;
  }

  /** What is in a folder; where there is none, the file of its name. */
  private <S extends FileStatus> RemoteIterator<S> folderOrFile(Name name, Kind<S> kind, Of<S> part)
      throws IOException {
    String key = name.key();
    layout.routes().checkAllBelow(key);
    List<Rule> parts = layout.parts(key);
    if (parts.isEmpty()) {
      name.owner(); // says why
    }
    if (parts.size() == 1 && !isSifted(name)) {
      return own(layout.place(parts.get(0), key), kind);
    }
    Listings.Joined<S> joined =
        new Listings.Joined<>(
            new Ahead<>(
                RemoteIterators.remoteIteratorFromIterable(parts),
                rule -> false,
                rule -> orNothing(part, rule)));
    if (joined.hasNext() || key.isEmpty() || isThereThough(name)) {
      return joined;
    }
    if (name.file() != null) {
      Place place = layout.place(name.file(), key);
      S3AFileStatus file = place.run(StoreFileSystem::fileOrNull);
      if (file != null) {
        return listed(place, kind, RemoteIterators.remoteIteratorFromSingleton(file));
      }
    }
    throw missing(key);
  }

  private static <S> RemoteIterator<S> orNothing(Of<S> part, Rule rule) throws IOException {
    try {
      return part.rule(rule);
    } catch (FileNotFoundException missing) {
      return null;
    }
  }

  /** What S3A says of a folder that belongs to one rule. */
  private <S extends FileStatus> RemoteIterator<S> own(Place place, Kind<S> kind)
      throws IOException {
    try {
      return logical(place, Listings.named(place, place.run(kind.own::list)));
    } catch (FileNotFoundException missing) {
      if (place.logical().isRoot()) {
        return RemoteIterators.remoteIteratorFromIterable(List.of());
      }
      throw missing;
    }
  }

  private <S extends FileStatus> RemoteIterator<S> listed(
      Place place, Kind<S> kind, RemoteIterator<S3AFileStatus> entries) throws IOException {
    return logical(place, place.run((fs, path) -> kind.form.of(fs, entries)));
  }

  private <S extends FileStatus> RemoteIterator<S> logical(
      Place place, RemoteIterator<? extends S> entries) {
    return RemoteIterators.mappingRemoteIterator(
        entries, status -> layout.logical(place.rule(), status));
  }

  /** Whether a store may have names in a folder that are others', or nobody's. */
  private boolean isSifted(Name name) throws PathIOException {
    return !name.isUniform() || (!name.key().isEmpty() && name.file() != name.owner());
  }

  /** Whether a folder without a visible name in it is there: by what marks it, or as a root. */
  private boolean isThereThough(Name name) throws IOException {
    Rule owner = name.folder();
    return owner != null
        && (layout.place(owner, name.key()).isStoreRoot() || isThere(owner, name.key()));
  }

  /** Whether a rule's store has a folder that is to be seen. */
  boolean isThere(Rule rule, String key) throws IOException {
    Place place = layout.place(rule, key);
    if (layout.isUniform(key) && !place.isStoreRoot()) {
      return place.run((fs, path) -> fs.isDirectory(path));
    }
    return shows(rule, key);
  }

  /**
   * Whether a folder that a rule's store has, and that spans, is to be seen: something in it is, or
   * it is marked as a folder.
   */
  boolean shows(Rule rule, String key) throws IOException {
    Place place = layout.place(rule, key);
    StoreFileSystem.Glimpse glimpse = place.run(StoreFileSystem::glimpse);
    for (S3AFileStatus status : glimpse.entries()) {
      if (layout.isVisible(rule, status)) {
        return true;
      }
    }
    return !glimpse.isAll() && showsInOneOfItsFolders(rule, place);
  }

  /** Whether a folder is to be seen in which others shadow much: they may have whole folders. */
  private boolean showsInOneOfItsFolders(Rule rule, Place place) throws IOException {
    RemoteIterator<S3AFileStatus> children = place.run(StoreFileSystem::children);
    while (place.run((fs, path) -> children.hasNext())) {
      S3AFileStatus status = children.next();
      if (status.isFile()) {
        if (layout.isVisible(rule, status)) {
          return true;
        }
        continue;
      }
      String name = layout.name(rule, status);
      if (layout.isPart(rule, name) && (layout.isUniform(name) || shows(rule, name))) {
        return true;
      }
    }
    return false;
  }

  FileNotFoundException missing(String key) {
    return new FileNotFoundException("No such file or directory: " + layout.path(key));
  }
}
