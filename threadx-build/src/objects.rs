//! Compiling what changed.
//!
//! Cargo runs a build script again when any file changed; upstream has a thousand. An object is compiled again when the file
//! that it is made from, a header that it includes (as the compiler noted them down), the compiler or its command line
//! changed: by time or size, into either direction, because another checkout may be older.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::Error;
use crate::compiler::{self, Define};

/// Files, each with what it is compiled with besides the flags of all.
pub type Files = BTreeMap<PathBuf, Vec<Define>>;

/// What [`Objects::compile`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Objects in all.
    pub total: usize,
    /// Objects that were compiled now.
    pub compiled: usize,
}

/// Files to compile into one archive.
pub struct Objects<'a> {
    /// The flags of all files.
    pub build: &'a cc::Build,
    /// The target triple.
    pub target: &'a str,
    /// Where the objects are kept.
    pub folder: &'a Path,
    /// The files.
    pub files: &'a Files,
}

/// Files that are compiled with one command line.
struct Group {
    build: cc::Build,
    /// The compiler and its command line.
    command: u64,
    files: Vec<PathBuf>,
}

/// What a file looked like, to notice a change.
type Look = Option<(SystemTime, u64)>;

#[derive(Default)]
struct Looks(HashMap<PathBuf, Look>);

impl Looks {
    fn of(&mut self, path: &Path) -> Look {
        if let Some(look) = self.0.get(path) {
            return *look;
        }
        let look = fs::metadata(path)
            .and_then(|metadata| Ok((metadata.modified()?, metadata.len())))
            .ok();
        self.0.insert(path.to_owned(), look);
        look
    }
}

impl Objects<'_> {
    /// Compiles what changed, and puts all into `lib<name>.a`, which is linked with the crate.
    ///
    /// # Errors
    /// When something does not compile. The compiler's words go to cargo, as the cc crate's do.
    pub fn compile(&self, name: &str) -> Result<Summary, Error> {
        fs::create_dir_all(self.folder).map_err(Error::file(self.folder))?;
        let mut looks = Looks::default();
        let mut objects = Vec::with_capacity(self.files.len());
        let mut compiled = 0;
        for group in self.groups()? {
            let mut stale = Vec::new();
            for file in &group.files {
                let object = self.object(file);
                if !is_fresh(&object, group.command, &mut looks) {
                    stale.push((file, object.clone()));
                }
                objects.push(object);
            }
            compiled += stale.len();
            self.compile_group(&group, &stale)?;
        }
        let summary = Summary {
            total: objects.len(),
            compiled,
        };
        self.archive(name, &objects)?;
        Ok(summary)
    }

    fn compile_group(&self, group: &Group, stale: &[(&PathBuf, PathBuf)]) -> Result<(), Error> {
        if stale.is_empty() {
            return Ok(());
        }
        let started = SystemTime::now();
        for (_, object) in stale {
            // A build that is interrupted leaves no stamp that vouches for what it did not finish.
            let stamp = stamp(object);
            if stamp.exists() {
                fs::remove_file(&stamp).map_err(Error::file(stamp))?;
            }
        }
        let mut build = group.build.clone();
        build.files(stale.iter().map(|(file, _)| file));
        build.out_dir(self.folder.join("new"));
        let made = build
            .try_compile_intermediates()
            .map_err(|error| Error::Compile {
                what: describe(stale),
                message: error.to_string(),
            })?;
        let mut looks = Looks::default();
        for ((_, object), made) in stale.iter().zip(made) {
            fs::rename(&made, object).map_err(Error::file(&made))?;
            let listing = made.with_extension("d");
            let target = listing_of(object);
            fs::rename(&listing, &target).map_err(Error::file(&listing))?;
            let Some(state) = state(object, group.command, &mut looks, Some(started)) else {
                continue;
            };
            let stamp = stamp(object);
            fs::write(&stamp, state).map_err(Error::file(stamp))?;
        }
        Ok(())
    }

    fn archive(&self, name: &str, objects: &[PathBuf]) -> Result<(), Error> {
        self.build
            .clone()
            .objects(objects)
            .try_compile(name)
            .map_err(|error| Error::Compile {
                what: format!("the library {name}"),
                message: error.to_string(),
            })
    }

    /// The files by command line: most have the same.
    fn groups(&self) -> Result<Vec<Group>, Error> {
        let mut by_flags: BTreeMap<(Vec<String>, bool), Vec<PathBuf>> = BTreeMap::new();
        for (file, defines) in self.files {
            let defines = defines.iter().map(Define::to_string).collect();
            // `.s` is not preprocessed by itself, but upstream's early files mean it to be.
            let is_plain_assembler = file.extension().is_some_and(|extension| extension == "s");
            by_flags
                .entry((defines, is_plain_assembler))
                .or_default()
                .push(file.clone());
        }
        by_flags
            .into_iter()
            .map(|((defines, is_plain_assembler), files)| {
                let mut build = self.build.clone();
                build.flag("-MMD");
                if is_plain_assembler {
                    build.flag("-xassembler-with-cpp");
                }
                for define in &defines {
                    let (name, value) = define.split_once('=').unwrap_or((define, ""));
                    build.define(name, value);
                }
                let command = command(&compiler::tool(&build, self.target)?);
                Ok(Group {
                    build,
                    command,
                    files,
                })
            })
            .collect()
    }

    /// Where a file's object is: named after it, so that different folders may have files of one name.
    fn object(&self, file: &Path) -> PathBuf {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let mut hasher = DefaultHasher::new();
        file.hash(&mut hasher);
        self.folder
            .join(format!("{:016x}-{name}.o", hasher.finish()))
    }
}

fn describe(stale: &[(&PathBuf, PathBuf)]) -> String {
    match stale {
        [(file, _)] => file.display().to_string(),
        several => format!("one of {} files", several.len()),
    }
}

/// A number for the compiler, its version and its options.
fn command(tool: &cc::Tool) -> u64 {
    let mut hasher = DefaultHasher::new();
    tool.path().hash(&mut hasher);
    tool.args().hash(&mut hasher);
    tool.get_envs().collect::<Vec<_>>().hash(&mut hasher);
    let version = tool.to_command().arg("-dumpfullversion").output();
    version
        .map(|output| output.stdout)
        .unwrap_or_default()
        .hash(&mut hasher);
    hasher.finish()
}

fn stamp(object: &Path) -> PathBuf {
    object.with_extension("stamp")
}

fn listing_of(object: &Path) -> PathBuf {
    object.with_extension("d")
}

/// Whether an object is what compiling it again would give.
fn is_fresh(object: &Path, command: u64, looks: &mut Looks) -> bool {
    object.is_file()
        && fs::read_to_string(stamp(object)).is_ok_and(|stamped| {
            state(object, command, looks, None).is_some_and(|state| state == stamped)
        })
}

/// What an object was made with, as text. `None` when that cannot be said: a file is not there, or changed since `started`.
fn state(
    object: &Path,
    command: u64,
    looks: &mut Looks,
    started: Option<SystemTime>,
) -> Option<String> {
    let listing = fs::read_to_string(listing_of(object)).ok()?;
    let mut hasher = DefaultHasher::new();
    command.hash(&mut hasher);
    for file in prerequisites(&listing) {
        let (modified, length) = looks.of(&file)?;
        if started.is_some_and(|started| modified >= started) {
            return None;
        }
        file.hash(&mut hasher);
        modified.hash(&mut hasher);
        length.hash(&mut hasher);
    }
    Some(format!("{:016x}", hasher.finish()))
}

/// The files that a rule for `make` names behind its colon.
fn prerequisites(rule: &str) -> Vec<PathBuf> {
    let Some((_, files)) = rule.split_once(": ") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut word = String::new();
    let mut letters = files.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters
                .peek()
                .is_some_and(|next| matches!(next, ' ' | '#' | '\\')) =>
            {
                word.extend(letters.next());
            }
            // The line goes on.
            '\\' if letters.peek() == Some(&'\n') => {}
            '$' if letters.peek() == Some(&'$') => word.extend(letters.next()),
            letter if letter.is_whitespace() => {
                if !word.is_empty() {
                    found.push(PathBuf::from(std::mem::take(&mut word)));
                }
            }
            letter => word.push(letter),
        }
    }
    if !word.is_empty() {
        found.push(PathBuf::from(word));
    }
    found
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::Duration;

    use super::*;
    use crate::compiler::tests::native;

    #[test]
    fn rules_for_make_are_read() {
        let rule = "a.o: /src/a\\ b.c /inc/x.h \\\n /inc/y$$z.h \\\n\t/inc/w\\#.h\n";
        let files = ["/src/a b.c", "/inc/x.h", "/inc/y$z.h", "/inc/w#.h"];
        assert_eq!(prerequisites(rule), files.map(PathBuf::from));
        assert_eq!(prerequisites("a.o:"), [""; 0].map(PathBuf::from));
    }

    /// A folder with two files that include one header each, and one in common.
    struct Project(tempfile::TempDir);

    impl Project {
        fn new() -> Self {
            let project = Self(tempfile::tempdir().unwrap());
            for (file, text) in [
                ("a.c", "#include \"a.h\"\nint a(void) { return A; }\n"),
                ("b.c", "#include \"b.h\"\nint b(void) { return B; }\n"),
                ("a.h", "#include \"both.h\"\n#define A 1\n"),
                ("b.h", "#include \"both.h\"\n#define B 2\n"),
                ("both.h", "\n"),
            ] {
                project.write(file, text);
            }
            project
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        /// Writes a file a minute in the past: one that is written while its object is compiled counts as changed.
        fn write(&self, name: &str, text: &str) {
            fs::write(self.path(name), text).unwrap();
            self.age(name, Duration::from_secs(60));
        }

        fn age(&self, name: &str, by: Duration) {
            let file = File::options().append(true).open(self.path(name)).unwrap();
            file.set_modified(SystemTime::now() - by).unwrap();
        }

        fn compile(&self, flags: &[&str], a: &[&str]) -> Result<Summary, Error> {
            let out = self.path("out");
            let mut build = native(&out);
            build.flags(flags);
            let defines = a.iter().map(|define| define.parse().unwrap()).collect();
            let files = Files::from([(self.path("a.c"), defines), (self.path("b.c"), Vec::new())]);
            let objects = Objects {
                build: &build,
                target: "test",
                folder: &self.path("objects"),
                files: &files,
            };
            objects.compile("both")
        }

        fn compiled(&self) -> usize {
            let summary = self.compile(&[], &[]).unwrap();
            assert_eq!(summary.total, 2);
            assert!(self.path("out/libboth.a").is_file());
            summary.compiled
        }
    }

    #[test]
    fn what_did_not_change_is_not_compiled_again() {
        let project = Project::new();
        assert_eq!(project.compiled(), 2);
        assert_eq!(project.compiled(), 0);
    }

    #[test]
    fn a_change_reaches_the_objects_that_are_made_of_it() {
        let project = Project::new();
        assert_eq!(project.compiled(), 2);
        project.write("a.c", "int a(void) { return 33; }\n");
        assert_eq!(project.compiled(), 1);
        // It does not include its header any more.
        project.write("a.h", "#define A 4\n");
        assert_eq!(project.compiled(), 0);
        project.write("b.h", "#include \"both.h\"\n#define B 55\n");
        assert_eq!(project.compiled(), 1);
        project.write("both.h", "#define C\n");
        assert_eq!(project.compiled(), 1);
    }

    #[test]
    fn an_older_file_is_a_change_too() {
        let project = Project::new();
        assert_eq!(project.compiled(), 2);
        project.age("b.h", Duration::from_secs(3600));
        assert_eq!(project.compiled(), 1);
    }

    #[test]
    fn another_command_line_is_a_change() {
        let project = Project::new();
        assert_eq!(project.compiled(), 2);
        assert_eq!(project.compile(&["-DX"], &[]).unwrap().compiled, 2);
        assert_eq!(project.compile(&["-DX"], &["Y=1"]).unwrap().compiled, 1);
        assert_eq!(project.compile(&["-DX"], &["Y=1"]).unwrap().compiled, 0);
    }

    #[test]
    fn an_object_that_is_gone_is_made_again() {
        let project = Project::new();
        assert_eq!(project.compiled(), 2);
        for entry in fs::read_dir(project.path("objects")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "o") {
                fs::remove_file(path).unwrap();
            }
        }
        assert_eq!(project.compiled(), 2);
    }

    #[test]
    fn what_does_not_compile_is_tried_again() {
        let project = Project::new();
        assert_eq!(project.compiled(), 2);
        project.write("a.c", "int a(void) { return }\n");
        let text = project.compile(&[], &[]).unwrap_err().to_string();
        assert!(text.contains("a.c"), "{text}");
        assert!(project.compile(&[], &[]).is_err());
        project.write("a.c", "int a(void) { return 5; }\n");
        assert_eq!(project.compiled(), 1);
    }
}
