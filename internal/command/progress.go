package command

import (
	"fmt"
	"io"
	"os"

	"github.com/mattn/go-isatty"
)

// progress says on a terminal what is being done, and elsewhere nothing.
func progress(stderr io.Writer) func(what string) {
	return func(what string) {
		if terminal(stderr) {
			fmt.Fprintf(stderr, "kora: %s\n", what)
		}
	}
}

// terminal reports whether a person sees at once what is written.
func terminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}
