package command

import (
	"fmt"
	"io"
	"os"

	"github.com/mattn/go-isatty"

	"github.com/korakagazindia/provisioner/internal/page"
)

// progress says on a terminal what is being done, and elsewhere nothing.
func progress(stderr io.Writer) func(what string) {
	return func(what string) {
		if terminal(stderr) {
			fmt.Fprintf(stderr, "kora: %s\n", what)
		}
	}
}

// look returns the look of what is written to w: a person at a terminal has colours, unless NO_COLOR says otherwise.
func look(w io.Writer) page.Look {
	l := page.Plain()
	l.Colour = terminal(w) && os.Getenv("NO_COLOR") == ""
	return l
}

// terminal reports whether a person sees at once what is written.
func terminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}
