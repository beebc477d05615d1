package s3r.hadoop;

import java.io.IOException;

/** Refuses to change a name with all that is in it, where some of that may only be read. */
final class ChangeCheck {
  private final Layout layout;
  private final Lookup lookup;
  private final Listing listing;

  ChangeCheck(Layout layout, Lookup lookup, Listing listing) {
    this.layout = layout;
    this.lookup = lookup;
    this.listing = listing;
  }

  /** Checks a name and all that is to be seen below it. */
  void below(Name name, String operation) throws IOException {
    String key = name.key();
    Rule owner = name.owner();
    if (name.isTwofold() && name.file().readOnly != owner.readOnly) {
      if (lookup.fileOrNull(name) != null) {
        layout.checkChange(name.file(), key, operation);
        return;
      }
    }
    layout.checkChange(owner, key, operation);
    if (mayBeReadOnlyBelow(name)) {
      for (Rule rule : layout.parts(key)) {
        String top = layout.isAbove(key, rule) ? layout.head(rule) : key;
        if (rule.readOnly && listing.shows(rule, top)) {
          layout.checkChange(rule, top, operation);
        }
      }
    }
  }

  /** Checks the new name of a rename; below it too, where a folder comes there. */
  void target(Name name, Name source, String operation) throws IOException {
    layout.checkFileChange(name, operation);
    layout.checkChange(name.owner(), name.key(), operation);
    if (mayBeReadOnlyBelow(name) && lookup.status(source).isDirectory()) {
      for (Rule rule : layout.parts(name.key())) {
        layout.checkChange(rule, name.key(), operation);
      }
    }
  }

  private boolean mayBeReadOnlyBelow(Name name) {
    return !name.isUniform() && layout.parts(name.key()).stream().anyMatch(rule -> rule.readOnly);
  }
}
