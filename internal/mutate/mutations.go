package main

// mutations breaks the security promises of the module.
var mutations = []mutation{}
