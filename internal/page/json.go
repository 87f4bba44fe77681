package page

import (
	"encoding/json"
	"io"
)

// JSON writes a value for programs: indented, and with <, > and & as they are.
func JSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
