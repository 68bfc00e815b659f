// Package manifest reads and writes files that hold integrations, in YAML and in JSON.
//
// A file is a list of integrations in the shape of the API, or an object with the field integrations that holds the list:
//
//	# integrations.yaml
//	- name: openai
//	  type: openai
//	  configuration:
//	    api_key: ${OPENAI_API_KEY}
//	  apis:
//	    - api: gpt-4o
//	      description: GPT-4o for chats
//
// Secrets stay out of the file. In the texts of a configuration, ${NAME} stands for the value of an environment variable, and $$
// stands for $. Any other $ stays as it is. A value is filled in after the file is decoded, so that it cannot change the structure
// of the file.
//
// [Read] reports every mistake at once, with the line, the integration and the field, and without any value: see [Error]. A field
// that the API does not have is a mistake, and so is a key that stands twice. Read does not check what SaveAll checks; [WithLines]
// gives such problems a line too.
//
// In YAML, each value of a configuration is the text that the file has: 8080, on and 2023-06-01 need no quotes. Only null, ~ and
// an empty value are null. Anchors, aliases and merge keys work; tags such as !secret do not. The lists of several documents are
// put together. JSON keeps its kinds, and every digit of a number. An empty file is an empty list.
package manifest
