"""Routes for engines that reach their stores themselves: options for a call, files to configure."""
