package command

import "runtime/debug"

// version is the module's version when kora was installed by it, or else the revision that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "of unknown origin"
	}
	return versionOf(info)
}

// versionOf is version for that build.
func versionOf(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	revision := settings["vcs.revision"]
	switch {
	case revision == "":
		return "built without a revision"
	case settings["vcs.modified"] == "true":
		return revision + " with local changes"
	default:
		return revision
	}
}
