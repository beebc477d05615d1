"""Pictures of routes: logical names on the left, stores on the right, what needs care marked."""
