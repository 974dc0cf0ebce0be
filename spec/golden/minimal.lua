return machine {}
