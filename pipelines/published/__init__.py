"""What MHCLG publishes about an authority: the columns of each table, and the reader of its workbooks."""
