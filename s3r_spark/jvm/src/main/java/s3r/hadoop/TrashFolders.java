package s3r.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.RemoteIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where Hadoop's trash keeps what is deleted: on the store that has it, so that a rename suffices.
 *
 * <p>That is the home folder's trash, as with S3A, where what is put there stays on its store. Else
 * it is {@code .Trash/<user>} in the folder that a rule begins with, as ViewFS has it in a mount
 * point; where the rule has wildcards in its folders, in one of those.
 */
final class TrashFolders {
  private static final String CURRENT = "/Current/"; // TrashPolicyDefault's
  private static final Logger LOG = LoggerFactory.getLogger(TrashFolders.class);

  private final Layout layout;
  private final Lookup lookup;
  private final Listing listing;
  private final String home;

  /**
   * The trash of a bucket.
   *
   * @param home the name of the home folder's trash
   */
  TrashFolders(Layout layout, Lookup lookup, Listing listing, String home) {
    this.layout = layout;
    this.lookup = lookup;
    this.listing = listing;
    this.home = home;
  }

  /** The trash that a name is for; the home folder's too where no trash is on the name's store. */
  String of(Name name) throws IOException {
    Rule rule = lookup.isElsewhere(name) ? name.file() : name.folder();
    if (rule == null || keeps(home, rule, name.key())) {
      return home;
    }
    String path = Routes.folder(name.key());
    int end = rule.head().length() - 1;
    for (int deeper = rule.foldersToStar(); deeper >= 0; deeper--) {
      String trash = Routes.folder(folderIn(path.substring(0, Math.max(0, end)))) + layout.user();
      if (keeps(trash, rule, name.key())) {
        return trash;
      }
      end = path.indexOf('/', end + 1);
      if (end < 0) {
        break;
      }
    }
    return home;
  }

  /** Whether a name stays on its store in a trash. */
  private boolean keeps(String trash, Rule rule, String key) {
    Name kept = layout.name(trash + CURRENT + key);
    return kept.folder() != null
        && kept.folder().sharesStoreWith(rule)
        && !kept.folder().readOnly
        && (kept.file() == null || kept.file().sharesStoreWith(rule));
  }

  /** Whether the home folder's trash is for all of a rule's names. */
  private boolean isAllKeptAtHome(Rule rule) {
    String head = layout.head(rule);
    return layout.isUniform(home + CURRENT + head) && keeps(home, rule, head);
  }

  private static String folderIn(String folder) {
    return Routes.folder(folder) + FileSystem.TRASH_PREFIX;
  }

  /**
   * All that there is of trash beside that in the home folders.
   *
   * @param allUsers whether others' too
   */
  List<FileStatus> besideHome(boolean allUsers) {
    Set<String> folders = new LinkedHashSet<>();
    List<FileStatus> all = new ArrayList<>();
    for (Rule rule : layout.parts("")) {
      if (rule.readOnly || isAllKeptAtHome(rule)) {
        continue;
      }
      try {
        addFolders(layout.head(rule), rule, rule.foldersToStar(), folders);
      } catch (IOException error) {
        LOG.warn("the trash of {} can't be looked for", rule, error);
      }
    }
    for (String folder : folders) {
      try {
        if (allUsers) {
          addChildren(folder, all);
        } else {
          FileStatus status =
              lookup.statusOrNull(layout.name(Routes.folder(folder) + layout.user()));
          if (status != null && status.isDirectory()) {
            all.add(status);
          }
        }
      } catch (IOException error) {
        LOG.warn("the trash in {} can't be looked for", layout.path(folder), error);
      }
    }
    return all;
  }

  private void addChildren(String folder, List<FileStatus> all) throws IOException {
    try {
      RemoteIterator<FileStatus> users = listing.children(layout.name(folder));
      while (users.hasNext()) {
        FileStatus status = users.next();
        if (status.isDirectory()) {
          all.add(status);
        }
      }
    } catch (FileNotFoundException none) {
      LOG.debug("there is no trash in {}", layout.path(folder));
    }
  }

  /** Adds the folders in which a rule's names may have their trash. */
  private void addFolders(String folder, Rule rule, int deeper, Set<String> folders)
      throws IOException {
    String trash = folderIn(folder);
    if (layout.isPart(rule, trash)) {
      folders.add(trash);
    }
    if (deeper == 0) {
      return;
    }
    try {
      RemoteIterator<FileStatus> children = listing.children(layout.name(folder));
      while (children.hasNext()) {
        FileStatus child = children.next();
        String key = layout.key(child.getPath());
        if (child.isDirectory() && layout.isPart(rule, key)) {
          addFolders(key, rule, deeper - 1, folders);
        }
      }
    } catch (FileNotFoundException none) {
      LOG.debug("{} is not there, and has no trash", layout.path(folder));
    }
  }
}
