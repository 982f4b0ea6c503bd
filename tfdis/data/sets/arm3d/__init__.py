"""arm3d: a simulated arm that holds an object, drawn by MuJoCo."""
