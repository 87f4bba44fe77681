package config

import "strings"

// StackName is the name of the backend's stack: the backend's in PascalCase (kora-backend -> KoraBackend).
func (c *Config) StackName() string {
	var name strings.Builder
	for word := range strings.SplitSeq(c.Name, "-") {
		name.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return name.String()
}
