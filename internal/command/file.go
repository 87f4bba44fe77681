package command

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// withoutSystem is what an error says, with a person's words in place of the system's where a file is not there, or is not one.
func withoutSystem(err error) string {
	text := err.Error()
	for _, f := range fileErrors(err) {
		text = strings.ReplaceAll(text, f.Error(), inWords(f))
	}
	return text
}

// fileErrors lists the errors of files that are wrapped in an error.
func fileErrors(err error) []*fs.PathError {
	var all []*fs.PathError
	switch e := err.(type) {
	case nil:
	case *fs.PathError:
		all = append(all, e)
	case interface{ Unwrap() []error }:
		for _, each := range e.Unwrap() {
			all = append(all, fileErrors(each)...)
		}
	default:
		all = fileErrors(errors.Unwrap(err))
	}
	return all
}

func inWords(f *fs.PathError) string {
	folder := filepath.Dir(f.Path)
	info, err := os.Stat(f.Path)
	switch _, errFolder := os.Stat(folder); {
	case err == nil && info.IsDir():
		return f.Path + ": a folder, not a file"
	case errors.Is(f, fs.ErrNotExist) && errors.Is(errFolder, fs.ErrNotExist):
		return folder + ": no such folder"
	case errors.Is(f, fs.ErrNotExist):
		return f.Path + ": no such file"
	case errors.Is(f, fs.ErrPermission):
		return f.Path + ": no permission"
	}
	return f.Error()
}
