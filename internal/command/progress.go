package command

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

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

// look returns the look of what is written to w. A person at a terminal has its width, and colours, unless NO_COLOR
// (https://no-color.org) or a terminal that knows none says otherwise.
func look(w io.Writer) page.Look {
	if !terminal(w) {
		return page.Plain()
	}
	columns, _, err := term.GetSize(int(w.(*os.File).Fd()))
	if err != nil {
		columns = 0
	}
	return page.At(columns, os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb")
}

// terminal reports whether a person sees at once what is written.
func terminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
